// sudo of a host whose only user is root: it runs the command in the environment that sudoers gives it.

import type { Process } from "../../system/process.ts";
import { has, parseOptions, UsageEnd } from "./options.ts";
import type { Parsed } from "./options.ts";
import { complain, program } from "./program.ts";

const USAGE = `usage: sudo -h | -K | -k | -V
usage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-ABkNnS] [-g group] [-h host] [-p prompt] [-U user] [-u user]
            [command [arg ...]]
usage: sudo [-ABbEHkNnPS] [-r role] [-t type] [-C num] [-D directory] [-g
            group] [-h host] [-p prompt] [-R directory] [-T timeout] [-u user]
            [VAR=value] [-i | -s] [command [arg ...]]
usage: sudo -e [-ABkNnS] [-r role] [-t type] [-C num] [-D directory] [-g group]
            [-h host] [-p prompt] [-R directory] [-T timeout] [-u user] file ...
`;

const SECURE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** What env_reset keeps. */
const KEPT = /^(?:TERM|LANG|LANGUAGE|LC_.*|DISPLAY|XAUTHORITY|COLORTERM|TZ)$/;
const ROOT_NAMES: ReadonlySet<string> = new Set(["root", "#0"]);
/** Built into shells, and no programs. */
const SHELL_ONLY: ReadonlySet<string> = new Set([
  "cd",
  "export",
  "source",
  "ulimit",
  "umask",
  "unset",
  "alias",
]);

function misused(process: Process, text?: string): never {
  if (text !== undefined) process.warn(`sudo: ${text}\n`);
  process.warn(USAGE);
  throw new UsageEnd(1);
}

function checkWho(process: Process, parsed: Parsed): void {
  for (const { name, value } of parsed.options) {
    if ((name !== "u" && name !== "g") || ROOT_NAMES.has(value)) continue;
    complain(process, `unknown ${name === "u" ? "user" : "group"} ${value}`);
    complain(process, "error initializing audit plugin sudoers_audit");
    throw new UsageEnd(1);
  }
}

function setEnvironment(process: Process, parsed: Parsed, command: readonly string[]): void {
  const { env } = process;
  const named = new Set(
    parsed.options.flatMap(({ name, value }) => (name === "E" && value !== "" ? value.split(",") : [])),
  );
  const keepAll = parsed.options.some(({ name, value }) => name === "E" && value === "");
  if (!keepAll) {
    for (const name of [...env.keys()]) if (!KEPT.test(name) && !named.has(name)) env.delete(name);
    env.set("MAIL", "/var/mail/root");
    env.set("HOME", "/root");
  }
  const given = {
    PATH: SECURE_PATH,
    LOGNAME: "root",
    USER: "root",
    SHELL: "/bin/bash",
    SUDO_COMMAND: command.join(" "),
    SUDO_USER: "root",
    SUDO_UID: "0",
    SUDO_GID: "0",
  };
  for (const [name, value] of Object.entries(given)) env.set(name, value);
}

export const sudo = program((process) => {
  const parsed = parseOptions(process, {
    short: "AbBC:D:Eeg:Hh::iKklNnPp:R:r:ST:t:U:u:Vvs",
    long: {
      askpass: "A",
      background: "b",
      bell: "B",
      "close-from=": "C",
      "chdir=": "D",
      "preserve-env?": "E",
      edit: "e",
      "group=": "g",
      "set-home": "H",
      help: "h",
      login: "i",
      "remove-timestamp": "K",
      "reset-timestamp": "k",
      list: "l",
      "no-update": "N",
      "non-interactive": "n",
      "preserve-groups": "P",
      "prompt=": "p",
      stdin: "S",
      "command-timeout=": "T",
      "other-user=": "U",
      "user=": "u",
      version: "V",
      validate: "v",
      shell: "s",
    },
    stopEarly: true,
    wrong: (text) => misused(process, text),
  });
  const words = [...parsed.operands];
  const variables: string[] = [];
  while (/^[A-Za-z_]\w*=/.test(words[0] ?? "")) variables.push(words.shift() ?? "");
  if (has(parsed, "h")) {
    process.print(`sudo - execute a command as another user\n\n${USAGE}`);
    return 0;
  }
  if (has(parsed, "V")) {
    process.print("Sudo version 1.9.13p3\n");
    return 0;
  }
  for (const letter of "elUR") if (has(parsed, letter)) misused(process, `-${letter} is not implemented`);
  checkWho(process, parsed);
  if (words.length === 0 && ["v", "k", "K"].some((letter) => has(parsed, letter))) return 0;
  const shell = has(parsed, "s") || has(parsed, "i");
  if (words.length === 0 && !shell) misused(process);
  const command = shell ? ["/bin/bash", ...(words.length === 0 ? [] : ["-c", words.join(" ")])] : words;
  const [name = ""] = command;
  const found = process.lookup(name, process);
  if (found === undefined) {
    complain(process, `${name}: command not found`);
    if (SHELL_ONLY.has(name)) {
      complain(process, `"${name}" is a shell built-in command, it cannot be run directly.`);
      complain(process, "the -s option may be used to run a privileged shell.");
      complain(process, "the -D option may be used to run a command in a specific directory.");
    }
    return 1;
  }
  setEnvironment(process, parsed, command);
  for (const word of variables)
    process.env.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
  const directory = parsed.options.findLast((option) => option.name === "D")?.value;
  if (has(parsed, "i")) process.cwd = "/root";
  else if (directory !== undefined) process.cwd = process.files.realPath(directory);
  return process.exec(found, command);
});
