// Pathname expansion (bash(1), Pathname Expansion) over the files that the process sees. Names are sorted by code
// point, as in the C locale.

import type { FileSystem } from "../../system/files.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { hasPattern, Pattern, unquotePattern } from "../pattern.ts";

/** Paths that match; none if nothing does. `hidden`: names that begin with a period match `*`, too. */
export function globPaths(
  files: FileSystem,
  pattern: string,
  options: { readonly hidden: boolean; readonly deep: boolean; readonly ignoreCase: boolean },
): string[] {
  const components = splitPattern(pattern);
  const absolute = components[0] === "";
  let paths: string[] = [absolute ? "/" : ""];
  components.forEach((component, index) => {
    if (index === 0 && absolute) return;
    const last = index === components.length - 1;
    if (component === "") {
      if (last)
        paths = paths
          .filter((path) => isDirectory(files, path))
          .map((path) => (path.endsWith("/") ? path : `${path}/`));
      return;
    }
    if (options.deep && component === "**") {
      paths = paths.flatMap((path) => descend(files, path, last, options.hidden));
      return;
    }
    if (!hasPattern(component)) {
      const name = unquotePattern(component);
      paths = paths.map((path) => join(path, name)).filter((path) => exists(files, path));
      return;
    }
    const matcher = new Pattern(component, options.ignoreCase);
    const dotted = component.startsWith(".") || component.startsWith("\\.");
    paths = paths.flatMap((path) =>
      names(files, path)
        .filter((name) => (options.hidden || dotted || !name.startsWith(".")) && matcher.matches(name))
        .map((name) => join(path, name))
        .filter((found) => last || isDirectory(files, found)),
    );
  });
  return paths.filter((path) => path !== "").sort();
}

/** Splits at slashes that are not inside a bracket expression. */
function splitPattern(pattern: string): string[] {
  const out: string[] = [];
  let current = "";
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? "";
    if (char === "\\") {
      current += char + (pattern[++i] ?? "");
    } else if (char === "/") {
      out.push(current);
      current = "";
      while (pattern[i + 1] === "/") i++;
    } else current += char;
  }
  return [...out, current];
}

function join(directory: string, name: string): string {
  return directory === "" || directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

function names(files: FileSystem, path: string): string[] {
  return refusedIs([], () => files.readDirectory(path === "" ? "." : path));
}

function exists(files: FileSystem, path: string): boolean {
  return refusedIs(false, () => {
    files.linkStatus(path);
    return true;
  });
}

function isDirectory(files: FileSystem, path: string): boolean {
  return refusedIs(false, () => files.status(path).type === "directory");
}

function refusedIs<T>(otherwise: T, ask: () => T): T {
  try {
    return ask();
  } catch (refusal) {
    if (refusal instanceof Refusal) return otherwise;
    throw refusal;
  }
}

/** What `**` matches below a path: directories, and at the end of a pattern files too. */
function descend(files: FileSystem, path: string, last: boolean, hidden: boolean): string[] {
  const out = last ? [] : [path];
  for (const name of names(files, path)) {
    if (!hidden && name.startsWith(".")) continue;
    const full = join(path, name);
    if (last) out.push(full);
    if (refusedIs(false, () => files.linkStatus(full).type === "directory")) {
      out.push(...descend(files, full, last, hidden));
    }
  }
  return out;
}
