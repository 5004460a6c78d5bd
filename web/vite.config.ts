import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { defineConfig, type Plugin } from "vite";

const HERE = import.meta.dirname;
const OUT = join(HERE, "../api/service/http/static");
// What the build is made from; the test that holds the shipped build against these files reads the same list.
const SOURCES = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "src"];

function files(path: string): string[] {
  try {
    return readdirSync(path).flatMap((name) => files(join(path, name)));
  } catch {
    return [path];
  }
}

/** SHA-256 over "path, zero byte, content, zero byte" of every source, paths in order. */
function sourceHash(): string {
  const hash = createHash("sha256");
  const named = SOURCES.flatMap((s) => files(join(HERE, s))).map((f) => [relative(HERE, f).split(sep).join("/"), f]);
  named.sort(([a], [b]) => (a! < b! ? -1 : 1));
  for (const [name, file] of named) {
    hash.update(name!).update("\0").update(readFileSync(file!)).update("\0");
  }
  return hash.digest("hex");
}

/** What other people wrote of the build; their terms go with it. */
const BUNDLED = ["maplibre-gl", "topojson-client", "us-atlas", "world-atlas", "yaml"];

function licence(name: string): string {
  const folder = join(HERE, "node_modules", name);
  const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
  if (!file) throw new Error(`${name} has no licence file`);
  return readFileSync(join(folder, file), "utf8").trim() + "\n";
}

function recordHash(): Plugin {
  return {
    name: "record-source-hash",
    apply: "build",
    closeBundle() {
      const licences = BUNDLED.map((name) => `${name}\n\n${licence(name)}`).join(`\n${"-".repeat(80)}\n`);
      writeFileSync(join(OUT, "licenses.txt"), licences);
      writeFileSync(join(OUT, "build.json"), JSON.stringify({ sources_sha256: sourceHash() }) + "\n");
    },
  };
}

const SERVICE = process.env["GIGASITE_URL"] ?? "http://127.0.0.1:8000";
const PATHS = ["plans", "jobs", "processes", "requests", "datasets", "catalogue", "examples", "schema", "docs", "ogc"];

export default defineConfig({
  base: "./",
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    target: "es2022",
  },
  plugins: [recordHash()],
  server: { proxy: Object.fromEntries(PATHS.map((p) => [`/${p}`, { target: SERVICE, changeOrigin: true }])) },
});
