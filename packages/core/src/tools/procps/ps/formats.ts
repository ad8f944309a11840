// Which columns ps shows if they are not named one by one: what the letters of all options make together.

import { COLUMNS } from "./columns.ts";
import type { Column } from "./columns.ts";

/** A wrong command line: the text after "error: ". */
export class WrongUsage {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Letters that choose or change a format. */
export type Flag = "f" | "F" | "j" | "l" | "y" | "Z" | "c" | "P" | "L" | "T";

export interface Formats {
  readonly flags: ReadonlySet<Flag>;
  /** Of -o; none: as the letters say. */
  readonly own: readonly Column[];
  /** Of -O and O: between the process and the rest. */
  readonly added: readonly Column[];
  readonly bsdFormat: keyof typeof BSD_FORMATS | undefined;
  /** Options in the manner of BSD were given. */
  readonly bsd: boolean;
}

const words = (list: string): readonly string[] => list.split(" ");

const BSD = words("pid tname stat bsdtime args");

/** By letter. */
export const BSD_FORMATS = {
  u: words("user pid %cpu %mem vsz rss tname stat start_time bsdtime args"),
  l: words("f uid pid ppid priority ni vsz rss wchan stat tname bsdtime args"),
  j: words("ppid pid pgid sid tname tpgid stat uid bsdtime args"),
  v: words("pid tname stat bsdtime maj_flt m_trs drs rss %mem args"),
  s: words("uid pid pending blocked ignored caught stat tname bsdtime args"),
} as const;

const named = (names: readonly string[]): Column[] => names.flatMap((name) => COLUMNS.get(name) ?? []);

/** The columns that the letters make together. */
export function columnsOf(formats: Formats): readonly Column[] {
  const { flags, own, added, bsdFormat, bsd } = formats;
  const unix = (["f", "F", "l", "j"] as const).some((letter) => flags.has(letter));
  if (bsdFormat !== undefined && (unix || own.length > 0)) throw new WrongUsage("conflicting format options");
  if (flags.has("y") && !flags.has("l")) throw new WrongUsage("modifier -y without format -l makes no sense");
  if (own.length > 0) return own;
  const label = flags.has("Z") ? ["label"] : [];
  if (added.length > 0) return [...named(["pid"]), ...added, ...named(["s", "tname", "time", "args"])];
  if (bsdFormat !== undefined) return named([...label, ...BSD_FORMATS[bsdFormat]]);
  if (bsd && !unix) return named([...label, ...BSD]);
  return named([...label, ...unixColumns(flags)]);
}

function unixColumns(flags: ReadonlySet<Flag>): readonly string[] {
  const has = (letter: Flag): boolean => flags.has(letter);
  const full = has("f") || has("F");
  const when = (condition: boolean, ...names: readonly string[]): readonly string[] =>
    condition ? names : [];
  return [
    ...when(has("l") && !has("y"), "f"),
    ...when(has("l"), "s"),
    ...when(full, "uid_hack"),
    ...when(has("l") && !full, "uid"),
    "pid",
    ...when(has("T"), "spid"),
    ...when(full || has("l"), "ppid"),
    ...when(has("j"), "pgid", "sid"),
    ...when(has("L"), "lwp"),
    ...when(has("P"), "psr"),
    ...(has("c") ? ["cls", "pri"] : when(full || has("l"), "c")),
    ...when(has("L") && full, "nlwp"),
    ...when(has("l") && !has("c"), "opri", "ni"),
    ...when(has("l") && !has("y"), "addr", "sz"),
    ...when(has("l") && has("y"), "rss", "sz"),
    ...when(has("l"), "wchan"),
    ...when(has("F") && !has("l"), "sz"),
    ...when(has("F"), "rss", "psr"),
    ...when(full, "stime"),
    "tname",
    "time",
    full ? "cmd" : "ucmd",
  ];
}
