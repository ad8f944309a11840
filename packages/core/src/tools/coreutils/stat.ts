// stat: what stat(2) tells of files, by format (coreutils 9.1). Everything belongs to root; of the times there is the
// modification time only, which stands for the others.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { formatTime } from "../../system/calendar.ts";
import type { FileStatus, FileType } from "../../system/files.ts";
import type { Process } from "../../system/process.ts";
import { linkCount, modeText } from "./mode-text.ts";
import { has, parseOptions, usageError } from "./options.ts";
import { complain, localeQuoted, program, quoted } from "./program.ts";

const TYPES: Readonly<Record<FileType, { readonly text: string; readonly bits: number }>> = {
  file: { text: "regular file", bits: 0o100000 },
  directory: { text: "directory", bits: 0o040000 },
  symlink: { text: "symbolic link", bits: 0o120000 },
  device: { text: "character special file", bits: 0o020000 },
  socket: { text: "socket", bits: 0o140000 },
  fifo: { text: "fifo", bits: 0o010000 },
};

/** One file and what is asked of it. */
interface Subject {
  readonly process: Process;
  readonly path: string;
  readonly status: FileStatus;
}

const TIME = "%Y-%m-%d %H:%M:%S.%N %z";
const blocksOf = ({ status }: Subject): number => status.blocks ?? Math.ceil(status.size / 4096) * 8;
const time = ({ status }: Subject): string => formatTime(TIME, status.modified);
const epoch = ({ status }: Subject): string => String(Math.floor(status.modified / 1e6));

function named(subject: Subject): string {
  const { process, path, status } = subject;
  const name = quoted(path);
  return status.type === "symlink" ? `${name} -> ${quoted(process.files.readLink(path))}` : name;
}

function typeText({ status }: Subject): string {
  return status.type === "file" && status.size === 0 ? "regular empty file" : TYPES[status.type].text;
}

/** Letters of a format, each as text or, as a number, to be shown in octal or hexadecimal. */
const DIRECTIVES: Readonly<Record<string, (subject: Subject) => string>> = {
  a: ({ status }) => status.mode.toString(8),
  A: ({ status }) => modeText(status),
  b: (subject) => String(blocksOf(subject)),
  B: () => "512",
  d: ({ status }) => String(status.device),
  D: ({ status }) => status.device.toString(16),
  f: ({ status }) => (TYPES[status.type].bits | status.mode).toString(16),
  F: typeText,
  g: () => "0",
  G: () => "root",
  h: ({ process, path, status }) => String(linkCount(process.files, path, status)),
  i: ({ status }) => String(status.inode),
  n: ({ path }) => path,
  N: named,
  o: () => "4096",
  s: ({ status }) => String(status.size),
  t: () => "0",
  T: () => "0",
  u: () => "0",
  U: () => "root",
  w: () => "-",
  W: () => "0",
  x: time,
  X: epoch,
  y: time,
  Y: epoch,
  z: time,
  Z: epoch,
};

function formatted(format: string, subject: Subject): string {
  return format.replace(
    /%([-#0+ ']*)(\d*)(?:\.\d+)?([a-zA-Z%])/g,
    (all, flags: string, width: string, letter: string) => {
      if (letter === "%") return "%";
      const show = DIRECTIVES[letter];
      if (!show) return all.replace(letter, "?");
      const text = (flags.includes("#") && letter === "a" ? "0" : "") + show(subject);
      if (flags.includes("-")) return text.padEnd(Number(width));
      const zeros = flags.includes("0") && "abdfghistuWXYZ".includes(letter);
      return text.padStart(Number(width), zeros ? "0" : " ");
    },
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  '"': '"',
  "\\": "\\",
  a: "\x07",
  r: "\r",
};

function unescaped(format: string): string {
  return format.replace(/\\([nt"\\ar])|\\([0-7]{1,3})/g, (_, letter?: string, octal?: string) =>
    letter === undefined ? String.fromCharCode(Number.parseInt(octal ?? "", 8)) : (ESCAPES[letter] ?? ""),
  );
}

/** What is printed without a format. */
function standard(subject: Subject): string {
  const { status } = subject;
  const line = (format: string): string => formatted(format, subject);
  return [
    `  File: ${status.type === "symlink" ? named(subject).replaceAll("'", "") : subject.path}`,
    line("  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F"),
    line(`Device: ${status.device >> 8},${status.device & 0xff}\tInode: %-11i Links: %h`),
    `Access: (${status.mode.toString(8).padStart(4, "0")}/${modeText(status)})  Uid: (    0/    root)   Gid: (    0/    root)`,
    line("Access: %x\nModify: %y\nChange: %z\n Birth: %w"),
  ].join("\n");
}

const TERSE = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o";

export const stat = program((process) => {
  const parsed = parseOptions(process, {
    short: "c:fLt",
    long: {
      "format=": "c",
      "printf=": "printf",
      dereference: "L",
      "file-system": "f",
      terse: "t",
      "cached=": "cached",
    },
  });
  if (has(parsed, "f")) {
    complain(process, "--file-system is not implemented");
    return 1;
  }
  if (parsed.operands.length === 0) usageError(process, "missing operand");
  const wanted = parsed.options.findLast(({ name }) => name === "c" || name === "printf");
  const show = (subject: Subject): string => {
    if (wanted?.name === "printf") return formatted(unescaped(wanted.value), subject);
    if (wanted) return `${formatted(wanted.value, subject)}\n`;
    return `${has(parsed, "t") ? formatted(TERSE, subject) : standard(subject)}\n`;
  };
  let failed = 0;
  for (const path of parsed.operands) {
    try {
      const { files } = process;
      const status = has(parsed, "L") ? files.status(path) : files.linkStatus(path);
      process.print(show({ process, path, status }));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `cannot statx ${localeQuoted(process, path)}: ${strerror(refusal.errno)}`);
      failed = 1;
    }
  }
  return failed;
});
