// lsns of util-linux 2.38: the namespaces of the processes, with who is in them. The trees of --tree are those of processes.

import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";
import { accountName } from "../ip/tuntap/accounts.ts";
import type { Row } from "../procps/ps/rows.ts";
import { KINDS, mountedAt, netnsIds, readNamespaces } from "./namespaces.ts";
import type { Kind, Namespace } from "./namespaces.ts";
import { tableJson, tableText } from "./table.ts";
import type { TableColumn, TableLine } from "./table.ts";

const FAILED = 1;

interface LsnsColumn extends TableColumn {
  show(namespace: Namespace, row: Row): string;
}

function columnsOf(process: Process): ReadonlyMap<string, LsnsColumn> {
  const ids = netnsIds(process);
  const mounted = mountedAt(process);
  const number = (name: string, show: LsnsColumn["show"]): LsnsColumn => ({
    name,
    right: true,
    number: true,
    show,
  });
  const text = (name: string, show: LsnsColumn["show"]): LsnsColumn => ({ name, right: false, show });
  const list = [
    number("NS", ({ inode }) => String(inode)),
    text("TYPE", ({ kind }) => kind),
    text("PATH", ({ kind }, { pid }) => `/proc/${pid}/ns/${kind}`),
    number("NPROCS", ({ members }) => String(members.length)),
    number("PID", (_, { pid }) => String(pid)),
    number("PPID", (_, { parent }) => String(parent)),
    { ...text("COMMAND", (_, { argv, command }) => argv.join(" ") || command), tree: true },
    number("UID", (_, { uid }) => String(uid)),
    text("USER", (_, { uid }) => accountName(process, "user", uid) ?? String(uid)),
    {
      ...text("NETNSID", ({ kind }, { pid }) => (kind === "net" ? ids(pid) : "")),
      right: true,
    },
    text("NSFS", ({ kind, inode }) => (kind === "net" ? (mounted.get(inode) ?? []).join("\n") : "")),
  ];
  return new Map(list.map((column) => [column.name, column]));
}

const SHOWN = ["NS", "TYPE", "NPROCS", "PID", "USER", "COMMAND"];
const SHOWN_OF_NETWORKS = ["NS", "TYPE", "NPROCS", "PID", "USER", "NETNSID", "NSFS", "COMMAND"];
const SHOWN_OF_PROCESSES = ["PID", "PPID", "USER", "COMMAND"];

export const lsns: Program = program((process) => {
  const parsed = parseOptions(process, {
    short: "Jlno:p:ruWt:T::hV",
    long: {
      json: "J",
      list: "l",
      noheadings: "n",
      "output=": "o",
      "output-all": "output-all",
      "task=": "p",
      raw: "r",
      notruncate: "u",
      nowrap: "W",
      "type=": "t",
      "tree?": "T",
      help: "h",
      version: "V",
    },
  });
  if (has(parsed, "V")) {
    process.print("lsns from util-linux 2.38.1\n");
    return 0;
  }
  if (has(parsed, "h")) {
    process.print(USAGE);
    return 0;
  }
  const kinds = parsed.options.flatMap(({ name, value }) => (name === "t" ? [value] : []));
  const unknown = kinds.find((kind) => !KINDS.includes(kind as Kind));
  if (unknown !== undefined) return refuse(process, `unknown namespace type: ${unknown}`);
  const tree = valueOf(parsed, "T");
  if (tree !== undefined && tree !== "" && tree !== "process") {
    return refuse(process, `--tree=${tree} is not implemented`);
  }
  const task = valueOf(parsed, "p");
  if (task !== undefined && !/^\d+$/.test(task)) return refuse(process, `invalid PID argument: '${task}'`);
  const [only] = parsed.operands;
  if (only !== undefined && !/^\d+$/.test(only))
    return refuse(process, `invalid namespace argument: '${only}'`);

  const all = columnsOf(process);
  const names = has(parsed, "output-all")
    ? [...all.keys()]
    : (valueOf(parsed, "o")?.split(",") ??
      (only !== undefined ? SHOWN_OF_PROCESSES : kinds.includes("net") ? SHOWN_OF_NETWORKS : SHOWN));
  const columns: LsnsColumn[] = [];
  for (const name of names) {
    const column = all.get(name.toUpperCase());
    if (!column) return refuse(process, `unknown column: ${name}`);
    columns.push(column);
  }
  const namespaces = readNamespaces(process);
  const chosen = namespaces.filter(
    ({ kind, members, inode }) =>
      (kinds.length === 0 || kinds.includes(kind)) &&
      (task === undefined || members.some(({ pid }) => pid === Number(task))) &&
      (only === undefined || inode === Number(only)),
  );
  if (only !== undefined && chosen.length === 0) return refuse(process, `not found namespace: ${only}`);
  const rows = chosen.flatMap((namespace) =>
    (only === undefined ? [namespace.leader] : namespace.members).map((row) => ({ namespace, row })),
  );
  const lines = treeOf(rows, columns, !has(parsed, "l") && !has(parsed, "output-all"));
  if (has(parsed, "J")) process.print(tableJson("namespaces", columns, lines));
  else {
    process.print(tableText(columns, lines, { headings: !has(parsed, "n"), raw: has(parsed, "r") }));
  }
  return 0;
});

function refuse(process: Process, text: string): number {
  complain(process, text);
  return FAILED;
}

/** What a process leads stands below the last line of its parent. */
function treeOf(
  rows: readonly { readonly namespace: Namespace; readonly row: Row }[],
  columns: readonly LsnsColumn[],
  isTree: boolean,
): readonly TableLine[] {
  const lines = rows.map(({ namespace, row }) => ({
    row,
    cells: columns.map(({ show }) => show(namespace, row)),
    children: [] as TableLine[],
  }));
  if (!isTree) return lines;
  const last = new Map(lines.map((line) => [line.row.pid, line]));
  return lines.filter((line) => {
    const parent = last.get(line.row.parent);
    parent?.children.push(line);
    return parent === undefined;
  });
}

const USAGE = `
Usage:
 lsns [options] [<namespace>]

List system namespaces.

Options:
 -J, --json             use JSON output format
 -l, --list             use list format output
 -n, --noheadings       don't print headings
 -o, --output <list>    define which output columns to use
     --output-all       output all columns
 -p, --task <pid>       print process namespaces
 -r, --raw              use the raw output format
 -u, --notruncate       don't truncate text in columns
 -W, --nowrap           don't use multi-line representation
 -t, --type <name>      namespace type (mnt, net, ipc, user, pid, uts, cgroup, time)
 -T, --tree <rel>       use tree format (parent, owner, or process)

 -h, --help             display this help
 -V, --version          display version
`;
