// The command line of curl, as far as labs use it for HTTP.

import type { Process } from "../../system/process.ts";
import { UsageEnd } from "../coreutils/options.ts";

export interface CurlOptions {
  readonly urls: readonly string[];
  readonly silent: boolean;
  readonly showError: boolean;
  readonly verbose: boolean;
  readonly include: boolean;
  readonly head: boolean;
  readonly fail: boolean;
  readonly follow: boolean;
  readonly remoteName: boolean;
  readonly output: string | undefined;
  readonly method: string | undefined;
  readonly data: string | undefined;
  readonly headers: readonly string[];
  readonly agent: string;
  readonly format: string | undefined;
  readonly family: "inet" | "inet6" | undefined;
  /** Device or address. */
  readonly interface: string | undefined;
  /** Seconds. */
  readonly mostTime: number | undefined;
  readonly connectTime: number | undefined;
}

const WRONG = 2;
const CURL_VERSION = "7.88.1";
const HINT = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/** Long names of letters; "=" marks those with a value. */
const LONG: Readonly<Record<string, string>> = {
  silent: "s",
  "show-error": "S",
  verbose: "v",
  include: "i",
  head: "I",
  fail: "f",
  location: "L",
  "remote-name": "O",
  "output=": "o",
  "request=": "X",
  "data=": "d",
  "header=": "H",
  "user-agent=": "A",
  "write-out=": "w",
  ipv4: "4",
  ipv6: "6",
  "max-time=": "m",
  "connect-timeout=": "connect-timeout",
  "interface=": "interface",
  globoff: "g",
  insecure: "k",
  version: "V",
  "no-progress-meter": "no-progress-meter",
  "url=": "url",
  "http1.0": "0",
  "http1.1": "http1.1",
  "no-buffer": "N",
  "data-raw=": "d",
  "data-binary=": "d",
};
const LETTERS_WITH_VALUE = "oXdHAwm";
const LETTERS = "sSvifILO46gkVN0";

function wrong(process: Process, text: string): never {
  process.warn(text + HINT);
  throw new UsageEnd(WRONG);
}

interface Given {
  readonly name: string;
  readonly value: string;
}

function* walk(process: Process): Generator<Given> {
  const args = process.argv.slice(1);
  const next = (option: string): string => {
    const value = args.shift();
    return value ?? wrong(process, `curl: option ${option}: requires parameter\n`);
  };
  for (let word = args.shift(); word !== undefined; word = args.shift()) {
    if (word.startsWith("--") && word.length > 2) {
      const name = word.slice(2);
      if (LONG[name] !== undefined) yield { name: LONG[name], value: "" };
      else if (LONG[`${name}=`] !== undefined) yield { name: LONG[`${name}=`] ?? name, value: next(word) };
      else wrong(process, `curl: option ${word}: is unknown\n`);
    } else if (word.startsWith("-") && word.length > 1 && word !== "--") {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] ?? "";
        if (LETTERS_WITH_VALUE.includes(letter)) {
          const rest = word.slice(at + 1);
          yield { name: letter, value: rest === "" ? next(`-${letter}`) : rest };
          break;
        }
        if (!LETTERS.includes(letter)) wrong(process, `curl: option ${word}: is unknown\n`);
        yield { name: letter, value: "" };
      }
    } else if (word !== "--") yield { name: "url", value: word };
  }
}

export function readOptions(process: Process): CurlOptions {
  const given = [...walk(process)];
  const has = (name: string): boolean => given.some((option) => option.name === name);
  const last = (name: string): string | undefined => given.findLast((option) => option.name === name)?.value;
  const all = (name: string): string[] =>
    given.filter((option) => option.name === name).map(({ value }) => value);
  const seconds = (name: string): number | undefined => {
    const text = last(name);
    return text === undefined ? undefined : Number(text);
  };
  if (has("V")) {
    process.print(`curl ${CURL_VERSION} (x86_64-pc-linux-gnu)\nProtocols: http\nFeatures: IPv6\n`);
    throw new UsageEnd(0);
  }
  const urls = all("url");
  if (urls.length === 0) wrong(process, "");
  const data = all("d");
  return {
    urls,
    silent: has("s") || has("no-progress-meter"),
    showError: has("S") || has("no-progress-meter"),
    verbose: has("v"),
    include: has("i"),
    head: has("I"),
    fail: has("f"),
    follow: has("L"),
    remoteName: has("O"),
    output: last("o"),
    method: last("X"),
    data: data.length === 0 ? undefined : data.join("&"),
    headers: all("H"),
    agent: last("A") ?? `curl/${CURL_VERSION}`,
    format: last("w"),
    family: has("4") ? "inet" : has("6") ? "inet6" : undefined,
    interface: last("interface"),
    mostTime: seconds("m"),
    connectTime: seconds("connect-timeout"),
  };
}
