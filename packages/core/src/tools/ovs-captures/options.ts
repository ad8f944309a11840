// The command line that ovs-pcap and ovs-tcpundump share: two options, read as Python's getopt.gnu_getopt() reads them, because
// the originals are scripts in Python.

import type { Process } from "../../system/process.ts";

const LONG = ["help", "version"] as const;
export type CaptureOption = (typeof LONG)[number];

export interface CommandLine {
  readonly options: readonly CaptureOption[];
  readonly words: readonly string[];
}

/** The name by which a script complains: Python knows it by its path. */
export const scriptName = (name: string): string => `/usr/bin/${name}`;

/** An option that the script does not have; the text is what it says. */
export class OptionError extends Error {}

function longOption(word: string): CaptureOption {
  const [name = "", value] = word.split(/=(.*)/s);
  const fits = LONG.filter((known) => known.startsWith(name));
  const [option] = fits;
  if (option === undefined) throw new OptionError(`option --${name} not recognized`);
  if (fits.length > 1) throw new OptionError(`option --${name} not a unique prefix`);
  if (value !== undefined) throw new OptionError(`option --${option} must not have an argument`);
  return option;
}

function shortOption(letter: string): CaptureOption {
  if (letter === "h") return "help";
  if (letter === "V") return "version";
  throw new OptionError(`option -${letter} not recognized`);
}

/** Options may stand behind other words. Errors: OptionError. */
export function readCommandLine({ argv }: Process): CommandLine {
  const given = argv.slice(1);
  const options: CaptureOption[] = [];
  const words: string[] = [];
  for (const [at, word] of given.entries()) {
    if (word === "--") {
      words.push(...given.slice(at + 1));
      break;
    }
    if (word.startsWith("--")) options.push(longOption(word.slice(2)));
    else if (word.startsWith("-") && word !== "-") options.push(...[...word.slice(1)].map(shortOption));
    else words.push(word);
  }
  return { options, words };
}
