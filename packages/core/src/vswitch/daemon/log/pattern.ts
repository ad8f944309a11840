// Patterns of log lines, ovs-appctl(8) under vlog/set: conversions begin with %, with a width and flags as printf's.

export interface LogMessage {
  readonly module: string;
  readonly level: string;
  readonly text: string;
  readonly number: number;
  /** Since the epoch, microseconds. */
  readonly realtime: number;
  /** Of the process, nanoseconds. */
  readonly age: number;
  readonly program: string;
  readonly pid: number;
  readonly hostName: string;
  /** Number of the syslog facility. */
  readonly facility: number;
}

/** Of syslog(3), RFC 5424 section 6.2.1. */
const SEVERITIES: Readonly<Record<string, number>> = { EMER: 1, ERR: 3, WARN: 4, INFO: 6, DBG: 7 };

const DEFAULT_TIME = "%Y-%m-%d %H:%M:%S.###";

export function formatMessage(pattern: string, message: LogMessage): string {
  let out = "";
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== "%") {
      out += pattern[at];
      continue;
    }
    const flags = /^(-?)(0?)(\d*)/.exec(pattern.slice(at + 1)) as RegExpExecArray;
    at += 1 + flags[0].length;
    const conversion = pattern[at];
    let argument: string | undefined;
    if (pattern[at + 1] === "{") {
      const end = pattern.indexOf("}", at);
      argument = pattern.slice(at + 2, end < 0 ? undefined : end);
      at = end < 0 ? pattern.length : end;
    }
    const value = convert(conversion, argument, message);
    const width = Number(flags[3]);
    out += flags[1] ? value.padEnd(width) : value.padStart(width, flags[2] ? "0" : " ");
  }
  return out;
}

function convert(conversion: string | undefined, argument: string | undefined, message: LogMessage): string {
  switch (conversion) {
    case "A":
      return message.program;
    case "B":
      return String(message.facility * 8 + (SEVERITIES[message.level] ?? 0));
    case "c":
      return message.module;
    case "d":
    case "D":
      return formatTime(argument ?? DEFAULT_TIME, message.realtime);
    case "E":
      return message.hostName;
    case "m":
      return message.text;
    case "N":
      return String(message.number);
    case "n":
      return "\n";
    case "p":
      return message.level;
    case "P":
      return String(message.pid);
    case "r":
      return String(Math.floor(message.age / 1e6));
    case "t":
      return argument ?? "main";
    case "T":
      return ""; // the main thread has no name there
    case "%":
      return "%";
    default:
      return conversion ?? "";
  }
}

/** strftime() in UTC, which is the zone of the embedded system; # stands for digits of the fraction. */
function formatTime(pattern: string, realtime: number): string {
  const date = new Date(realtime / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const fraction = String(Math.floor(realtime) % 1e6).padStart(6, "0");
  return pattern
    .replace(/#+/g, (marks) => fraction.slice(0, marks.length).padEnd(marks.length, "0"))
    .replace(/%([a-zA-Z%])/g, (_, letter: string) => {
      switch (letter) {
        case "Y":
          return String(date.getUTCFullYear());
        case "m":
          return two(date.getUTCMonth() + 1);
        case "d":
          return two(date.getUTCDate());
        case "e":
          return String(date.getUTCDate()).padStart(2);
        case "H":
          return two(date.getUTCHours());
        case "M":
          return two(date.getUTCMinutes());
        case "S":
          return two(date.getUTCSeconds());
        case "T":
          return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
        case "F":
          return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
        case "b":
          return "JanFebMarAprMayJunJulAugSepOctNovDec".slice(
            3 * date.getUTCMonth(),
            3 * date.getUTCMonth() + 3,
          );
        case "s":
          return String(Math.floor(realtime / 1e6));
        case "%":
          return "%";
        default:
          return `%${letter}`;
      }
    });
}
