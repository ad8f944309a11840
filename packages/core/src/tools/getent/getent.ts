// getent(1) of glibc 2.36: what the files of /etc say about hosts, services, protocols, networks, users and groups. No name
// server is asked.

import type { Process, Program } from "../../system/process.ts";
import { hostFileFields } from "../resolver/databases.ts";
import type { Family, ResolvedHost } from "../resolver/hosts.ts";
import { hostLines, NameFault, numericName, resolveHost } from "../resolver/hosts.ts";
import { parseOptions } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";

const WRONG = 1;
const NOT_FOUND = 2;
const NO_ENUMERATION = 3;

const WITHOUT_ENUMERATION = ["ahosts", "ahostsv4", "ahostsv6", "ethers", "initgroups", "netgroup"];

/** A database of one line an entry: the line, or undefined for none of that name. */
interface Database {
  all(process: Process): string[];
  find(process: Process, key: string): string | undefined;
}

/** passwd, group, shadow: fields between colons; found by name and by the third field. */
function accounts(path: string): Database {
  const lines = (process: Process): string[] => hostFileFields(process, path).map((words) => words.join(" "));
  return {
    all: lines,
    find: (process, key) =>
      lines(process).find((line) => {
        const [name, , id] = line.split(":");
        return name === key || (/^\d+$/.test(key) && id === key && path !== "/etc/shadow");
      }),
  };
}

const services: Database = {
  all: (process) => hostFileFields(process, "/etc/services").map(serviceLine),
  find(process, key) {
    const [name = "", protocol] = key.split("/");
    const found = hostFileFields(process, "/etc/services").find(([service, place = "", ...aliases]) => {
      const [port, by] = place.split("/");
      if (protocol !== undefined && by !== protocol) return false;
      return /^\d+$/.test(name) ? port === name : service === name || aliases.includes(name);
    });
    return found && serviceLine(found);
  },
};

function serviceLine([name = "", place = "", ...aliases]: readonly string[]): string {
  return [`${name.padEnd(21)} ${place}`, ...aliases].join(" ");
}

const protocols: Database = {
  all: (process) => hostFileFields(process, "/etc/protocols").map(serviceLine),
  find(process, key) {
    const found = hostFileFields(process, "/etc/protocols").find(([name, number, ...aliases]) =>
      /^\d+$/.test(key) ? number === key : name === key || aliases.includes(key),
    );
    return found && serviceLine(found);
  },
};

const networks: Database = {
  all: (process) => hostFileFields(process, "/etc/networks").map(serviceLine),
  find(process, key) {
    const found = hostFileFields(process, "/etc/networks").find(
      ([name, ...more]) => name === key || more.includes(key),
    );
    return found && serviceLine(found);
  },
};

function hostLine(address: string, names: readonly string[]): string {
  return `${address.padEnd(15)} ${names.join(" ")}`;
}

const hosts: Database = {
  all: (process) => hostLines(process).map((line) => hostLine(numericName(process, line), line.names)),
  find(process, key) {
    const lines = hostLines(process);
    const byAddress = lines.find((line) => numericName(process, line) === key);
    if (byAddress) return hostLine(key, byAddress.names);
    const family: readonly Family[] = ["inet6", "inet"];
    for (const wanted of family) {
      const found = lines.filter((line) => line.family === wanted && line.names.includes(key.toLowerCase()));
      const [first] = found;
      if (first) return found.map((line) => hostLine(numericName(process, line), first.names)).join("\n");
    }
    return undefined;
  },
};

/** getaddrinfo(3): every address with each type of socket; the name stands in the first line. */
function addresses(family: Family | undefined): Database {
  return {
    all: () => [],
    find(process, key) {
      let found: ResolvedHost[];
      try {
        found = resolveHost(process, key, family);
      } catch (fault) {
        if (!(fault instanceof NameFault)) throw fault;
        return undefined;
      }
      const lines = found.flatMap((host, at) =>
        ["STREAM", "DGRAM", "RAW"].map((type, index) => {
          const name = at === 0 && index === 0 ? host.canonicalName : "";
          return `${numericName(process, host).padEnd(15)} ${type.padEnd(6)} ${name}`;
        }),
      );
      return lines.join("\n");
    },
  };
}

const EMPTY: Database = { all: () => [], find: () => undefined };

const DATABASES: Readonly<Record<string, Database>> = {
  ahosts: addresses(undefined),
  ahostsv4: addresses("inet"),
  ahostsv6: addresses("inet6"),
  aliases: EMPTY,
  ethers: EMPTY,
  group: accounts("/etc/group"),
  gshadow: EMPTY,
  hosts,
  initgroups: { all: () => [], find: (_, key) => key.padEnd(21) },
  netgroup: EMPTY,
  networks,
  passwd: accounts("/etc/passwd"),
  protocols,
  rpc: EMPTY,
  services,
  shadow: accounts("/etc/shadow"),
};

export const getent: Program = program((process) => {
  const hint = (text: string): number => {
    process.warn(text);
    process.print("Try `getent --help' or `getent --usage' for more information.\n");
    return WRONG;
  };
  const parsed = parseOptions(process, {
    short: "Ais:?V",
    long: { "no-addrconfig": "A", "no-idn": "i", "service=": "s", help: "?", version: "V" },
  });
  const [name, ...keys] = parsed.operands;
  if (name === undefined) return hint("getent: wrong number of arguments\n");
  const database = Object.hasOwn(DATABASES, name) ? DATABASES[name] : undefined;
  if (!database) return hint(`Unknown database: ${name}\n`);
  if (keys.length === 0) {
    if (WITHOUT_ENUMERATION.includes(name)) {
      process.warn(`Enumeration not supported on ${name}\n`);
      return NO_ENUMERATION;
    }
    for (const line of database.all(process)) process.print(`${line}\n`);
    return 0;
  }
  let status = 0;
  for (const key of keys) {
    const line = database.find(process, key);
    if (line === undefined) status = NOT_FOUND;
    else process.print(`${line}\n`);
  }
  return status;
});
