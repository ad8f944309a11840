// Reads TypeScript files and says what they import, what they consist of and which outside names they call. Knows
// no rules (rules.ts) and no layers (imports.test.ts).

import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync, visitorKeys } from "oxc-parser";

/** One import, re-export, dynamic import or `import("...")` type. */
export interface Import {
  readonly line: number;
  readonly specifier: string;
  /** True when it is erased by the compiler. */
  readonly typeOnly: boolean;
  /** Path from the repository's root when the import names a file of ours. */
  readonly file?: string;
  /** Package name, or `node:x`, when it does not. */
  readonly package?: string;
}

/** A call or use that rules.ts may forbid, such as `Date.now` or `.localeCompare`. */
export interface Use {
  readonly line: number;
  readonly name: string;
}

export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly uses: readonly Use[];
  /** True when the file has statements and all of them import or re-export. */
  readonly onlyReexports: boolean;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const key of visitorKeys[node.type] ?? []) {
    const child = node[key];
    if (Array.isArray(child)) {
      for (const item of child) if (isNode(item)) walk(item, visit);
    } else if (isNode(child)) walk(child, visit);
  }
}

const literalText = (node: unknown): string | undefined =>
  isNode(node) && node.type === "Literal" && typeof node["value"] === "string" ? node["value"] : undefined;

const identifierName = (node: unknown): string | undefined =>
  isNode(node) && node.type === "Identifier" && typeof node["name"] === "string" ? node["name"] : undefined;

const importing = new Set([
  "ImportDeclaration",
  "ExportAllDeclaration",
  "ExportNamedDeclaration",
  "ImportExpression",
  "TSImportType",
]);

function isTypeOnly(node: Node): boolean {
  if (node.type === "TSImportType" || node["importKind"] === "type" || node["exportKind"] === "type")
    return true;
  const specifiers = node["specifiers"];
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every((one: Node) => one["importKind"] === "type" || one["exportKind"] === "type");
}

/** The names under which rules.ts knows a call: `setTimeout`, `Date.now`, `new Date()`, `.localeCompare`. */
function namesOfUse(node: Node): string[] {
  if (node.type === "MemberExpression" && node["computed"] === false) {
    const property = identifierName(node["property"]);
    const object = identifierName(node["object"]);
    if (property === undefined) return [];
    return object === undefined ? [`.${property}`] : [`.${property}`, `${object}.${property}`, `${object}.*`];
  }
  if (node.type === "CallExpression") {
    const callee = identifierName(node["callee"]);
    return callee === undefined ? [] : [`${callee}()`];
  }
  if (node.type === "NewExpression" && Array.isArray(node["arguments"]) && node["arguments"].length === 0) {
    const callee = identifierName(node["callee"]);
    return callee === undefined ? [] : [`new ${callee}()`];
  }
  return [];
}

function resolveImport(from: string, specifier: string, line: number, typeOnly: boolean): Import {
  if (specifier.startsWith(".")) {
    return { line, specifier, typeOnly, file: posix.join(posix.dirname(from), specifier) };
  }
  if (specifier.startsWith("@patchcord/")) {
    const [, name = "", ...rest] = specifier.split("/");
    return { line, specifier, typeOnly, file: ["packages", name, "src", ...rest].join("/") };
  }
  const parts = specifier.split("/");
  const name = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
  return { line, specifier, typeOnly, package: name };
}

/** Parses one file; a syntax error is an exception, since nothing else can be said of such a file. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const firstError = errors[0];
  if (firstError !== undefined) throw new Error(`${path}: ${firstError.message}`);

  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  const lineOf = (offset: number) => {
    const next = lineStarts.findIndex((start) => start > offset);
    return next === -1 ? lineStarts.length : next;
  };

  const imports: Import[] = [];
  const uses: Use[] = [];
  walk(program as unknown as Node, (node) => {
    if (importing.has(node.type)) {
      const specifier = literalText(node["source"]);
      if (specifier !== undefined) {
        imports.push(resolveImport(path, specifier, lineOf(node.start), isTypeOnly(node)));
      }
    }
    for (const name of namesOfUse(node)) uses.push({ line: lineOf(node.start), name });
  });

  const statements = program.body as unknown as readonly Node[];
  const onlyReexports =
    statements.some((statement) => statement.type.startsWith("Export")) &&
    statements.every(
      (statement) =>
        statement.type === "ImportDeclaration" ||
        statement.type === "ExportAllDeclaration" ||
        (statement.type === "ExportNamedDeclaration" && statement["declaration"] === null),
    );
  const lines = text.endsWith("\n") ? lineStarts.length - 1 : lineStarts.length;
  return { path, lines, imports, uses, onlyReexports };
}

/** All TypeScript files below the given folders of the repository, in path order; ambient `.d.ts` files are left out. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
      .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
      .filter((path) => !/\/(node_modules|dist|fixtures)\//.test(path))
      .toSorted()
      .map((path) => parseSource(path, readFileSync(join(root, path), "utf8"))),
  );
}
