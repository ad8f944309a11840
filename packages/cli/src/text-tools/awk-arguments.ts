// What the library's awk does not do with its arguments: separators that are one character of a regular expression's language, -v for
// awk's own variables, and -f.

/** A lone character separates as it stands (POSIX awk, Regular Expressions), whatever it means in an expression. */
export function literalSeparator(separator: string): string {
  if (separator === "^" || separator === "\\") return `\\${separator}`;
  return /^[|.+*?$(){}[]$/.test(separator) ? `[${separator}]` : separator;
}

/** Variables that awk itself reads, which have to be set before the first record. */
const OWN = /^(OFS|RS|ORS|SUBSEP|OFMT|CONVFMT)=(.*)$/s;

const inText = (value: string): string => value.replace(/"/g, '\\"');

/** The arguments as the library understands them. `readFile` gives the text of a program. */
export async function awkArguments(
  args: readonly string[],
  readFile: (path: string) => Promise<string>,
): Promise<string[]> {
  const options: string[] = [];
  const settings: string[] = [];
  const programs: string[] = [];
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") {
      at++;
      break;
    }
    const [, letter, attached = ""] = /^-([Fvf])(.*)$/s.exec(word) ?? [];
    if (letter === undefined) break;
    const value = attached === "" ? (args[++at] ?? "") : attached;
    if (letter === "f") programs.push(await readFile(value));
    else if (letter === "F") options.push("-F", literalSeparator(value));
    else if (value.startsWith("FS=")) options.push("-F", literalSeparator(value.slice(3)));
    else {
      const [, name = "", text = ""] = OWN.exec(value) ?? [];
      if (name === "") options.push("-v", value);
      else settings.push(`${name}="${inText(text)}"`);
    }
  }
  const rest = args.slice(at);
  const program = programs.length > 0 ? programs.join("\n") : rest.shift();
  if (program === undefined) return [...args];
  const before = settings.length === 0 ? "" : `BEGIN { ${settings.join("; ")} } `;
  const separated = program.replace(
    /\bFS\s*=\s*"(.)"/g,
    (_, separator: string) => `FS="${literalSeparator(separator).replaceAll("\\", "\\\\")}"`,
  );
  return [...options, before + separated, ...rest];
}
