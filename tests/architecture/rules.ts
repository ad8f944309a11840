// The checks behind imports.test.ts: each takes parsed files and returns one sentence per breach, with file and line,
// so that an empty list means that the rule is kept.

import type { SourceFile } from "./source-files.ts";

/** A layer is a set of files and what these files may import; the first layer that matches a file has it. */
export interface Layer {
  readonly name: string;
  /** Matches paths from the repository's root. */
  readonly files: RegExp;
  /** Names of other layers. A layer always sees itself. */
  readonly may: readonly string[];
  /** Packages from npm, or `node:*` for all of Node. */
  readonly packages?: readonly string[];
}

/** Tests and what only tests use: free of the layer rules, but nothing else may import them. */
export const isTestFile = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || path.includes("/testing/") || path.startsWith("tests/");

const layerOf = (layers: readonly Layer[], path: string): Layer | undefined =>
  layers.find((layer) => layer.files.test(path));

/** Every import of every file goes to a layer, or a package, that the table names. */
export function layerBreaches(layers: readonly Layer[], files: readonly SourceFile[]): string[] {
  const breaches: string[] = [];
  for (const file of files) {
    if (isTestFile(file.path)) continue;
    const layer = layerOf(layers, file.path);
    if (layer === undefined) {
      breaches.push(`${file.path} belongs to no layer`);
      continue;
    }
    for (const { line, specifier, file: target, package: packageName } of file.imports) {
      const at = `${file.path}:${line}`;
      if (packageName !== undefined) {
        const allowed = (layer.packages ?? []).some(
          (name) => name === packageName || (name === "node:*" && packageName.startsWith("node:")),
        );
        if (!allowed) breaches.push(`${at} ${layer.name} may not import the package ${packageName}`);
      } else if (target !== undefined) {
        const targetLayer = layerOf(layers, target);
        if (isTestFile(target)) breaches.push(`${at} imports the test file ${target}`);
        else if (targetLayer === undefined) breaches.push(`${at} imports ${specifier}, which is in no layer`);
        else if (targetLayer !== layer && !layer.may.includes(targetLayer.name))
          breaches.push(`${at} ${layer.name} may not import ${targetLayer.name} (${specifier})`);
        const packageOf = (path: string) => path.split("/").slice(0, 2).join("/");
        if (specifier.startsWith(".") && packageOf(target) !== packageOf(file.path))
          breaches.push(`${at} reaches into another package by a relative path (${specifier})`);
      }
    }
  }
  return breaches;
}

/**
 * Import cycles: each set of files that reach each other, given once with the imports inside the set.
 * `withTypes` says whether imports that the compiler erases count.
 * Tarjan's strongly connected components (SIAM J. Comput. 1 (2), 1972).
 */
export function importCycles(files: readonly SourceFile[], withTypes: boolean): string[] {
  const byPath = new Map(
    files.map((file) => [file.path, file.imports.filter((one) => withTypes || !one.typeOnly)]),
  );
  const index = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[] = [];

  const importsWithin = (component: readonly string[]): string =>
    component
      .flatMap((path) => (byPath.get(path) ?? []).map((one) => ({ path, ...one })))
      .filter((one) => one.file !== undefined && component.includes(one.file))
      .map((one) => `${one.path}:${one.line} -> ${one.file}${one.typeOnly ? " (type)" : ""}`)
      .join("\n");
  const visit = (path: string): number => {
    const own = index.size;
    let lowest = own;
    index.set(path, own);
    stack.push(path);
    const targets = (byPath.get(path) ?? []).flatMap((one) => (one.file === undefined ? [] : [one.file]));
    for (const target of targets) {
      if (!byPath.has(target)) continue;
      if (!index.has(target)) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, index.get(target) ?? lowest);
    }
    if (lowest === own) {
      const component = stack.splice(stack.indexOf(path));
      if (component.length > 1 || targets.includes(path)) cycles.push(importsWithin(component));
    }
    return lowest;
  };
  for (const { path } of files) if (!index.has(path)) visit(path);
  return cycles;
}

/** Files of the product that no entry point reaches. A file that only its own test imports is dead. */
export function unreachedFiles(
  entries: readonly string[],
  exempt: readonly RegExp[],
  files: readonly SourceFile[],
): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { file } of byPath.get(path)?.imports ?? []) if (file !== undefined) waiting.push(file);
  }
  return files
    .filter(
      ({ path }) => !isTestFile(path) && !reached.has(path) && !exempt.some((pattern) => pattern.test(path)),
    )
    .map(({ path }) => `${path} is not reached from ${entries.join(", ")}`);
}

/** Files whose every statement imports or re-exports: they hide which module is meant and invite cycles. */
export function barrelFiles(files: readonly SourceFile[]): string[] {
  return files.filter((file) => file.onlyReexports).map((file) => `${file.path} only re-exports`);
}

/** Uses of forbidden names; the map gives the reason for each. */
export function forbiddenUses(
  forbidden: ReadonlyMap<string, string>,
  files: readonly SourceFile[],
): string[] {
  return files
    .filter((file) => !isTestFile(file.path))
    .flatMap((file) =>
      file.uses
        .filter((use) => forbidden.has(use.name))
        .map((use) => `${file.path}:${use.line} ${use.name}: ${forbidden.get(use.name)}`),
    );
}

/** Files above the limit that are not excused, and excuses that are no longer needed. */
export function lengthBreaches(
  limit: number,
  excused: ReadonlyMap<string, string>,
  files: readonly SourceFile[],
): string[] {
  const long = files.filter((file) => file.lines > limit);
  const stale = [...excused.keys()].filter((path) => !long.some((file) => file.path === path));
  return [
    ...long
      .filter((file) => !excused.has(file.path))
      .map((file) => `${file.path} has ${file.lines} lines (limit ${limit}): it is two things`),
    ...stale.map((path) => `${path} is excused from the length limit without need`),
  ];
}

/** Path names that are not lower-case words joined by `-`, and names that say nothing. */
export function nameBreaches(files: readonly SourceFile[]): string[] {
  const empty = /(^|-)(utils?|helpers?|common|managers?|misc|stuff)(-|$)/;
  return files.flatMap(({ path }) => {
    const words = path.replace(/(\.test)?\.tsx?$/, "").split("/");
    const odd = words.filter((word) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(word));
    const vague = words.filter((word) => empty.test(word));
    return [
      ...odd.map((word) => `${path}: "${word}" is not lower-case words joined by "-"`),
      ...vague.map((word) => `${path}: "${word}" says nothing about what is inside`),
    ];
  });
}
