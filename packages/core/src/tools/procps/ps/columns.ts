// The columns of ps (ps(1), STANDARD FORMAT SPECIFIERS): title, width, and what each shows of a process.

import { formatTime } from "../../../system/calendar.ts";
import type { Row } from "./rows.ts";

export interface Column {
  readonly title: string;
  readonly width: number;
  readonly right: boolean;
  show(row: Row, host: Host): string;
  /** What --sort compares, if not what is shown. */
  order?(row: Row): number;
}

/** What columns take from elsewhere. */
export interface Host {
  account(kind: "user" | "group", id: number): string;
  /** Microseconds since the epoch. */
  readonly now: number;
  /** Bytes. */
  readonly memory: number;
}

const MINUTE = 60; // seconds
const HOUR = 3600;
const DAY = 86_400;
const MICRO = 1e6;
const KIBI = 1024;
const PAGE = 4096;
/** Scheduling classes by the number of the policy. */
const POLICIES = ["TS", "FF", "RR", "B", "ISO", "IDL", "DLN"];
/** The number that PRI and its kin have for nice 0. */
const OLD_BASE = 60;
const BEST = 39;

const two = (value: number): string => String(value).padStart(2, "0");

/** [DD-]HH:MM:SS */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const days = Math.floor(whole / DAY);
  const rest = `${two(Math.floor((whole % DAY) / HOUR))}:${two(Math.floor((whole % HOUR) / MINUTE))}:${two(whole % MINUTE)}`;
  return days > 0 ? `${two(days)}-${rest}` : rest;
}

/** [[DD-]HH:]MM:SS */
function elapsed(seconds: number): string {
  return seconds < HOUR ? clock(seconds).slice(3) : clock(seconds);
}

function minutes(seconds: number): string {
  return `${Math.floor(seconds / MINUTE)}:${two(Math.floor(seconds) % MINUTE)}`;
}

/** Today's hour, this year's day, or the year. */
function shortStart({ began }: Row, { now }: Host): string {
  const at = (format: string): string => formatTime(format, began);
  if (at("%Y") !== formatTime("%Y", now)) return at("%Y");
  return at("%j") === formatTime("%j", now) ? at("%H:%M") : at("%b%d");
}

const within = ({ began }: Row, { now }: Host): boolean => now - began <= DAY * MICRO;

/** State, and what goes with it (PROCESS STATE CODES). */
function states(row: Row): string {
  const marks = [
    row.nice < 0 ? "<" : row.nice > 0 ? "N" : "",
    row.session === row.pid ? "s" : "",
    row.threads > 1 ? "l" : "",
    row.terminal !== 0 && row.foreground === row.group ? "+" : "",
  ];
  return row.state + marks.join("");
}

/** Major numbers 136 to 143 are pseudoterminals. */
export function terminalName({ terminal }: Row): string {
  if (terminal === 0) return "?";
  const major = (terminal >> 8) & 0xfff;
  const minor = (terminal & 0xff) | ((terminal >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  return "?";
}

/** What cannot be shown is an escape, as in the original; a process without arguments is shown in brackets. */
function commandLine({ argv, command }: Row): string {
  if (argv.length === 0) return `[${command}]`;
  // oxlint-disable-next-line no-control-regex
  return argv.join(" ").replace(/[\x00-\x1f\x7f]/g, "?");
}

const percent = (part: number, whole: number): number => (whole > 0 ? (part / whole) * 100 : 0);
const busy = (row: Row): number => Math.floor(percent(row.used, row.age) * 10) / 10;

const number = (title: string, width: number, value: (row: Row, host: Host) => number): Column => ({
  title,
  width,
  right: true,
  show: (row, host) => String(value(row, host)),
});
const text = (title: string, width: number, show: Column["show"]): Column => ({
  title,
  width,
  right: false,
  show,
});
const right = (column: Column): Column => ({ ...column, right: true });
const namespace = (kind: string): Column =>
  right(text(`${kind.toUpperCase()}NS`, 10, ({ namespaces }) => namespaces.get(kind) ?? "-"));
const mask = (title: string, key: string): Column =>
  right(text(title, 16, ({ masks }) => masks.get(key) ?? "0000000000000000"));

const user = (title: string): Column => text(title, 8, ({ uid }, host) => host.account("user", uid));
const group = (title: string): Column => text(title, 8, ({ gid }, host) => host.account("group", gid));
const uid = (title: string): Column => number(title, 5, (row) => row.uid);
const gid = (title: string): Column => number(title, 5, (row) => row.gid);
const pid = (title: string): Column => number(title, 7, (row) => row.pid);
const args = (title: string): Column => text(title, 27, commandLine);
const comm = (title: string): Column => text(title, 15, ({ command }) => command);
const resident = number("RSS", 5, (row) => Math.floor(row.resident / KIBI));
const virtual = number("VSZ", 6, (row) => Math.floor(row.virtual / KIBI));
const cpu: Column = { ...right(text("%CPU", 4, (row) => busy(row).toFixed(1))), order: busy };
const memory: Column = {
  ...right(text("%MEM", 4, (row, host) => percent(row.resident, host.memory).toFixed(1))),
  order: (row) => row.resident,
};
const cpuTime: Column = { ...right(text("TIME", 8, ({ used }) => clock(used))), order: (row) => row.used };
const bsdTime: Column = { ...right(text("TIME", 6, ({ used }) => minutes(used))), order: (row) => row.used };
const startTime = (title: string): Column => ({
  ...right(text(title, 5, shortStart)),
  order: (row) => row.began,
});
const session = (title: string): Column => number(title, 7, (row) => row.session);
const pgid = number("PGID", 7, (row) => row.group);
const terminal = (title: string): Column => text(title, 8, terminalName);
const flags = right(text("F", 1, (row) => String((row.flags >> 6) & 7)));
const nice = number("NI", 3, (row) => row.nice);
const state = text("S", 1, (row) => row.state);
const nothing = (title: string, width: number): Column => text(title, width, () => "-");
const oldPriority = number("PRI", 3, (row) => row.priority + OLD_BASE);

/** By specifier; several names may mean one. */
export const COLUMNS: ReadonlyMap<string, Column> = new Map<string, Column>([
  ["%cpu", cpu],
  ["pcpu", cpu],
  ["%mem", memory],
  ["pmem", memory],
  ["addr", text("ADDR", 1, () => "-")],
  ["args", args("COMMAND")],
  ["command", args("COMMAND")],
  ["cmd", args("CMD")],
  ["blocked", mask("BLOCKED", "SigBlk")],
  [
    "bsdstart",
    right(text("START", 6, (row, host) => formatTime(within(row, host) ? "%H:%M" : "%b %e", row.began))),
  ],
  ["bsdtime", bsdTime],
  ["c", number("C", 2, (row) => Math.min(99, Math.floor(busy(row))))],
  ["caught", mask("CAUGHT", "SigCgt")],
  ["cgroup", text("CGROUP", 27, (row) => row.cgroup || "-")],
  ["comm", comm("COMMAND")],
  ["ucomm", comm("COMMAND")],
  ["ucmd", comm("CMD")],
  ["fname", text("COMMAND", 8, ({ command }) => command.slice(0, 8))],
  ["cls", right(text("CLS", 3, ({ policy }) => POLICIES[policy] ?? "?"))],
  ["cputime", cpuTime],
  ["time", cpuTime],
  ["cputimes", number("TIME", 8, (row) => Math.floor(row.used))],
  ["drs", number("DRS", 5, (row) => Math.floor((row.virtual - row.code) / KIBI))],
  ["egid", gid("EGID")],
  ["gid", gid("GID")],
  ["rgid", gid("RGID")],
  ["egroup", group("EGROUP")],
  ["group", group("GROUP")],
  ["rgroup", group("RGROUP")],
  ["etime", { ...right(text("ELAPSED", 11, ({ age }) => elapsed(age))), order: (row) => row.age }],
  ["etimes", number("ELAPSED", 7, (row) => Math.floor(row.age))],
  ["euid", uid("EUID")],
  ["uid", uid("UID")],
  ["ruid", uid("RUID")],
  ["euser", user("EUSER")],
  ["ruser", user("RUSER")],
  ["user", user("USER")],
  ["uname", user("USER")],
  ["uid_hack", user("UID")],
  ["f", flags],
  ["flag", flags],
  ["flags", flags],
  ["ignored", mask("IGNORED", "SigIgn")],
  ["label", text("LABEL", 31, () => "-")],
  [
    "lstart",
    {
      ...right(text("STARTED", 24, ({ began }) => formatTime("%a %b %e %H:%M:%S %Y", began))),
      order: (row) => row.began,
    },
  ],
  ["lwp", pid("LWP")],
  ["tid", pid("TID")],
  ["spid", pid("SPID")],
  ["pid", pid("PID")],
  ["tgid", pid("TGID")],
  ["maj_flt", number("MAJFL", 6, (row) => row.majorFaults)],
  ["cgroupns", namespace("cgroup")],
  ["ipcns", namespace("ipc")],
  ["mntns", namespace("mnt")],
  ["netns", namespace("net")],
  ["pidns", namespace("pid")],
  ["timens", namespace("time")],
  ["userns", namespace("user")],
  ["utsns", namespace("uts")],
  ["ni", nice],
  ["nice", nice],
  ["nlwp", number("NLWP", 4, (row) => row.threads)],
  ["thcount", number("THCNT", 5, (row) => row.threads)],
  ["context", nothing("CONTEXT", 31)],
  ["opri", oldPriority],
  ["pri", number("PRI", 3, (row) => BEST - row.priority)],
  ["priority", number("PRI", 3, (row) => row.priority)],
  ["pending", mask("PENDING", "SigPnd")],
  ["pgid", pgid],
  ["pgrp", { ...pgid, title: "PGRP" }],
  ["ppid", number("PPID", 7, (row) => row.parent)],
  ["psr", number("PSR", 3, (row) => row.processor)],
  ["rss", resident],
  ["rssize", resident],
  ["rsz", { ...resident, title: "RSZ" }],
  ["s", state],
  ["state", state],
  ["sess", session("SESS")],
  ["session", session("SESS")],
  ["sid", session("SID")],
  ["size", number("SIZE", 5, (row) => Math.floor(row.virtual / KIBI))],
  [
    "start",
    {
      ...right(
        text("STARTED", 8, (row, host) => formatTime(within(row, host) ? "%H:%M:%S" : "%b %d", row.began)),
      ),
      order: (row) => row.began,
    },
  ],
  ["start_time", startTime("START")],
  ["stime", startTime("STIME")],
  ["stat", text("STAT", 4, states)],
  ["sz", number("SZ", 5, (row) => Math.floor(row.virtual / PAGE))],
  ["tname", terminal("TTY")],
  ["tt", terminal("TT")],
  ["tty", terminal("TT")],
  ["tpgid", number("TPGID", 7, (row) => row.foreground)],
  ["m_trs", number("TRS", 5, (row) => Math.floor(row.code / KIBI))],
  ["trs", number("TRS", 4, (row) => Math.floor(row.code / KIBI))],
  ["unit", nothing("UNIT", 31)],
  ["vsize", virtual],
  ["vsz", virtual],
  ["wchan", text("WCHAN", 6, ({ waitsIn }) => waitsIn || "-")],
]);
