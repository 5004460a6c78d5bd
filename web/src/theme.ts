/** Light and dark: the system's choice unless the user made one. */

const KEY = "gigasite-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners: (() => void)[] = [];

export function isDark(): boolean {
  return document.documentElement.dataset["theme"] === "dark";
}

export function onTheme(listener: () => void): void {
  listeners.push(listener);
}

export function startTheme(): void {
  apply();
  system.addEventListener("change", apply);
}

export function toggleTheme(): void {
  localStorage.setItem(KEY, isDark() ? "light" : "dark");
  apply();
}

function apply(): void {
  document.documentElement.dataset["theme"] = localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light");
  listeners.forEach((l) => l());
}

/** The colour of a CSS variable as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
