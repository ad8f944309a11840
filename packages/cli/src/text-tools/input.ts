// Whether a call of a text tool reads standard input. The library takes all of it as one text before it starts, and a
// tool that is given files must not wait for it.

/** How a tool's operands are to be read: which letters take a value, and how many operands come before the files. */
interface Usage {
  readonly valued: string;
  readonly longValued?: readonly string[];
  /** Long options that take a name and a value. */
  readonly longPairs?: readonly string[];
  /** Operands that are no files, unless one of `scriptOptions` is given. */
  readonly scripts: number;
  readonly scriptOptions?: RegExp;
  /** With these options there is no default input. */
  readonly without?: RegExp;
  /** "dash": only if "-" is among the operands. */
  readonly input: "without files" | "dash" | "always" | "never";
}

const FILTER: Usage = { valued: "", scripts: 0, input: "without files" };

const USAGES: Readonly<Record<string, Usage>> = {
  base64: { ...FILTER, valued: "w" },
  comm: { ...FILTER, input: "dash" },
  du: { ...FILTER, input: "never" },
  expand: { ...FILTER, valued: "t" },
  find: { ...FILTER, input: "never" },
  fold: { ...FILTER, valued: "w" },
  join: { ...FILTER, valued: "12aeijotv", input: "dash" },
  jq: {
    valued: "f",
    longPairs: ["arg", "argjson", "slurpfile", "rawfile"],
    scripts: 1,
    scriptOptions: /^-f/,
    without: /^(-[a-zA-Z]*n|--null-input)/,
    input: "without files",
  },
  md5sum: FILTER,
  nl: { ...FILTER, valued: "bdfhilnpsvw" },
  paste: { ...FILTER, valued: "d", longValued: ["delimiters"] },
  rev: FILTER,
  sha1sum: FILTER,
  sha256sum: FILTER,
  split: { valued: "abCln", scripts: 0, input: "without files" },
  strings: { ...FILTER, valued: "nt" },
  tac: { ...FILTER, valued: "s" },
  unexpand: { ...FILTER, valued: "t" },
};

/** Names of the tools. */
export const TEXT_TOOLS: readonly string[] = Object.keys(USAGES);

/** True if `tool` with these arguments reads its standard input. */
export function readsInput(tool: string, args: readonly string[]): boolean {
  const usage = USAGES[tool] ?? FILTER;
  if (usage.input === "always") return true;
  if (usage.input === "never") return false;
  const operands = operandsOf(usage, args);
  if (operands.includes("-")) return true;
  if (usage.input === "dash") return false;
  const options = args.filter((word) => word.startsWith("-"));
  if (usage.without && options.some((word) => usage.without?.test(word))) return false;
  const scripts =
    usage.scriptOptions && options.some((word) => usage.scriptOptions?.test(word)) ? 0 : usage.scripts;
  return operands.length <= scripts;
}

function operandsOf(usage: Usage, args: readonly string[]): string[] {
  const operands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") return [...operands, ...args.slice(at + 1)];
    if (word === "-" || !word.startsWith("-")) operands.push(word);
    else if (word.startsWith("--")) {
      if (usage.longValued?.includes(word.slice(2))) at++;
      else if (usage.longPairs?.includes(word.slice(2))) at += 2;
    } else {
      const letter = [...word.slice(1)].findIndex((one) => usage.valued.includes(one));
      if (letter >= 0 && letter === word.length - 2) at++;
    }
  }
  return operands;
}
