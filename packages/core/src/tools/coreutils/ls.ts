// ls: names sorted by code point (the C locale), one a line unless standard output is a terminal.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import { formatTime } from "../../system/calendar.ts";
import type { FileStatus } from "../../system/files.ts";
import type { Process } from "../../system/process.ts";
import { linkCount, modeText } from "./mode-text.ts";
import { has, parseOptions } from "./options.ts";
import type { Parsed } from "./options.ts";
import { complain, program, quoted } from "./program.ts";

/** Exit status when an operand could not be listed. */
const SERIOUS = 2;
const HALF_YEAR = 15778476; // seconds; older times show the year instead of the hour

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly status: FileStatus;
}

export const ls = program((process) => {
  const parsed = parseOptions(
    process,
    {
      short: "aAdfFghiklLnopqQrRsStUxX1CGN",
      long: {
        all: "a",
        "almost-all": "A",
        directory: "d",
        classify: "F",
        "human-readable": "h",
        inode: "i",
        dereference: "L",
        "numeric-uid-gid": "n",
        literal: "N",
        reverse: "r",
        recursive: "R",
        size: "s",
        "color=": "color",
        "group-directories-first": "group-directories-first",
      },
    },
    SERIOUS,
  );
  return new Listing(process, parsed).run();
});

class Listing {
  readonly #process: Process;
  readonly #parsed: Parsed;
  #status = 0;
  #printed = false;

  constructor(process: Process, parsed: Parsed) {
    this.#process = process;
    this.#parsed = parsed;
  }

  #flag(letters: string): boolean {
    return [...letters].some((letter) => has(this.#parsed, letter));
  }

  run(): number {
    const operands = this.#parsed.operands.length > 0 ? this.#parsed.operands : ["."];
    const plain: Entry[] = [];
    const directories: Entry[] = [];
    for (const name of operands) {
      const entry = this.#entry(name, name, this.#flag("L") || !this.#flag("dlFno"));
      if (!entry) continue;
      if (entry.status.type === "directory" && !this.#flag("d")) directories.push(entry);
      else plain.push(entry);
    }
    if (plain.length > 0) {
      this.#print(this.#sort(plain), false);
      this.#printed = true;
    }
    const titles = operands.length > 1 || this.#flag("R");
    for (const { path } of this.#sort(directories)) this.#directory(path, titles);
    return this.#status;
  }

  #entry(name: string, path: string, follow: boolean): Entry | undefined {
    const { files } = this.#process;
    try {
      return { name, path, status: follow ? files.status(path) : files.linkStatus(path) };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (follow) {
        const link = this.#dangling(name, path);
        if (link) return link;
      }
      complain(this.#process, `cannot access ${quoted(path)}: ${strerror(refusal.errno)}`);
      this.#status = SERIOUS;
      return undefined;
    }
  }

  #dangling(name: string, path: string): Entry | undefined {
    try {
      return { name, path, status: this.#process.files.linkStatus(path) };
    } catch (refusal) {
      if (refusal instanceof Refusal) return undefined;
      throw refusal;
    }
  }

  #directory(path: string, title: boolean): void {
    let names: string[];
    try {
      names = this.#process.files.readDirectory(path);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(this.#process, `cannot open directory ${quoted(path)}: ${strerror(refusal.errno)}`);
      this.#status = SERIOUS;
      return;
    }
    if (this.#flag("af")) names = [".", "..", ...names];
    const shown = names.filter((name) => this.#flag("aAf") || !name.startsWith("."));
    const entries = shown.flatMap(
      (name) =>
        this.#entry(name, path.endsWith("/") ? path + name : `${path}/${name}`, this.#flag("L")) ?? [],
    );
    const sorted = this.#sort(entries);
    if (title) this.#process.print(`${this.#printed ? "\n" : ""}${path}:\n`);
    this.#printed = true;
    this.#print(sorted, true);
    if (!this.#flag("R")) return;
    for (const { name, path: below, status } of sorted) {
      if (status.type === "directory" && name !== "." && name !== "..") this.#directory(below, true);
    }
  }

  #sort(entries: readonly Entry[]): Entry[] {
    const sorted = [...entries];
    if (this.#flag("fU")) return sorted;
    sorted.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    if (this.#flag("S")) sorted.sort((a, b) => b.status.size - a.status.size);
    else if (this.#flag("t")) sorted.sort((a, b) => b.status.modified - a.status.modified);
    if (this.#flag("r")) sorted.reverse();
    if (has(this.#parsed, "group-directories-first")) {
      sorted.sort((a, b) => Number(b.status.type === "directory") - Number(a.status.type === "directory"));
    }
    return sorted;
  }

  #print(entries: readonly Entry[], total: boolean): void {
    if (this.#flag("lngo")) return this.#long(entries, total);
    const names = entries.map((entry) => this.#decorated(entry));
    const terminal = this.#process.fds.get(1)?.output?.terminal;
    if (this.#flag("1") || (!terminal && !this.#flag("Cx"))) {
      for (const name of names) this.#process.print(`${name}\n`);
    } else this.#process.print(columns(names, terminal?.columns ?? 80));
  }

  #decorated({ name, status }: Entry): string {
    const inode = this.#flag("i") ? `${status.inode} ` : "";
    const blocks = this.#flag("s") ? `${Math.ceil(status.size / 1024)} ` : "";
    return inode + blocks + name + this.#mark(status);
  }

  #mark(status: FileStatus): string {
    if (status.type === "directory") return this.#flag("Fp") ? "/" : "";
    if (!this.#flag("F")) return "";
    if (status.type === "symlink") return "@";
    if (status.type === "socket") return "=";
    if (status.type === "fifo") return "|";
    return (status.mode & 0o111) !== 0 ? "*" : "";
  }

  #long(entries: readonly Entry[], total: boolean): void {
    const { files } = this.#process;
    const now = this.#process.realtime() / 1e6;
    const owner = this.#flag("n") ? "0" : "root";
    const rows = entries.map((entry) => {
      const { status, path } = entry;
      const target = status.type === "symlink" ? ` -> ${files.readLink(path)}` : "";
      const mark = status.type === "symlink" ? "" : this.#mark(status);
      const people = [this.#flag("g") ? [] : [owner], this.#flag("o") ? [] : [owner]].flat();
      return {
        mode: modeText(status),
        links: String(linkCount(files, path, status)),
        people,
        size:
          status.type === "device" ? "1, 3" : this.#flag("h") ? humanSize(status.size) : String(status.size),
        date: dateText(status.modified, now),
        name: (this.#flag("i") ? `${status.inode} ` : "") + entry.name + target + mark,
      };
    });
    if (total) {
      const blocks = entries.reduce((sum, { status }) => sum + kibibytes(status), 0);
      this.#process.print(`total ${blocks}\n`);
    }
    const linksWidth = Math.max(...rows.map((row) => row.links.length));
    const sizeWidth = Math.max(...rows.map((row) => row.size.length));
    for (const { mode, links, people, size, date, name } of rows) {
      const fields = [mode, links.padStart(linksWidth), ...people, size.padStart(sizeWidth), date, name];
      this.#process.print(`${fields.join(" ")}\n`);
    }
  }
}

/** What a file takes up. */
function kibibytes({ type, size, blocks }: FileStatus): number {
  if (blocks !== undefined) return blocks / 2;
  return type === "file" ? Math.ceil(size / 4096) * 4 : 0;
}

function humanSize(size: number): string {
  if (size < 1024) return String(size);
  let value = size;
  let unit = -1;
  while (value >= 1024 && unit < 5) {
    value /= 1024;
    unit++;
  }
  const rounded = value < 10 ? Math.ceil(value * 10) / 10 : Math.ceil(value);
  return `${value < 10 ? rounded.toFixed(1) : rounded}${"KMGTPE"[unit] ?? ""}`;
}

function dateText(modified: number, now: number): string {
  const age = now - modified / 1e6;
  return formatTime(age > HALF_YEAR || age < -3600 ? "%b %e  %Y" : "%b %e %H:%M", modified);
}

/** Names in columns, filled downwards, as many as fit. */
function columns(names: readonly string[], width: number): string {
  for (let count = Math.min(names.length, Math.floor((width + 2) / 3)); count > 1; count--) {
    const rows = Math.ceil(names.length / count);
    const used = Math.ceil(names.length / rows);
    const widths = Array.from({ length: used }, (_, column) =>
      Math.max(...names.slice(column * rows, (column + 1) * rows).map((name) => name.length)),
    );
    if (widths.reduce((sum, one) => sum + one + 2, -2) > width) continue;
    const lines = Array.from({ length: rows }, (_, row) =>
      widths
        .map((one, column) => {
          const name = names[column * rows + row];
          const last = names[(column + 1) * rows + row] === undefined;
          return name === undefined ? "" : last ? name : name.padEnd(one + 2);
        })
        .join(""),
    );
    return lines.map((line) => `${line}\n`).join("");
  }
  return names.map((name) => `${name}\n`).join("");
}
