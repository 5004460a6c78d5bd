/// <reference types="vite/client" />
declare module "us-atlas/states-10m.json?url" { const url: string; export default url; }
declare module "world-atlas/countries-50m.json?url" { const url: string; export default url; }
