// Open vSwitch prints rows by their random UUIDs in two places: references in `ovs-vsctl show` (a set is sorted by UUID), and the
// rows of a table in `list` and `find` (a hash of UUIDs). Two runs have them in two orders, or by chance in one. This puts such
// rows, and nothing else, into an order that does not depend on UUIDs: columns, and rows that a command names, stay in place.

interface Block {
  readonly line: string;
  readonly inside: Block[];
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const NO_UUID = "00000000-0000-0000-0000-000000000000";
/** Rows that `show` reaches through references, by the word that its line begins with. */
const REFERENCED = /^ +(Manager|Bridge|Port|Interface|Controller) /;

/** `command` as it was typed. Other outputs are left alone. */
export function inNameOrder(command: string, output: string): string {
  if (/ovs-vsctl\b(?:(?! -- ).)*\bshow$/.test(command)) return print(blocks(output)).join("\n");
  // With names of records after the table, `list` prints those in the order of the names.
  if (/ovs-vsctl\b.*\blist (?:interface|port|bridge|open_vswitch)\s*$/i.test(command))
    return sortedRows(output);
  if (/ovs-vsctl\b.*\bfind (?:interface|port|bridge|open_vswitch)\b/i.test(command))
    return sortedRows(output);
  if (/ovs-vsctl\b.*\blist\b/.test(command)) return output.replace(UUID, NO_UUID);
  return output;
}

/** Blocks by indentation. */
function blocks(output: string): Block {
  const root: Block = { line: "", inside: [] };
  const open: { readonly depth: number; readonly block: Block }[] = [{ depth: -1, block: root }];
  for (const line of output.replace(UUID, NO_UUID).split("\n")) {
    const depth = line.search(/\S/);
    while (open.length > 1 && (open.at(-1)?.depth ?? -1) >= depth) open.pop();
    const block: Block = { line, inside: [] };
    open.at(-1)?.block.inside.push(block);
    open.push({ depth, block });
  }
  return root;
}

/** Neighbours that are rows of one table are sorted; everything else keeps its place. */
function print({ inside }: Block): string[] {
  const lines: string[] = [];
  for (let at = 0; at < inside.length;) {
    const table = tableOf(inside[at]);
    let end = at + 1;
    if (table !== undefined) while (tableOf(inside[end]) === table) end++;
    const texts = inside.slice(at, end).map((block) => [block.line, ...print(block)].join("\n"));
    lines.push(...texts.sort().flatMap((text) => text.split("\n")));
    at = end;
  }
  return lines;
}

function tableOf(block: Block | undefined): string | undefined {
  return block && REFERENCED.exec(block.line)?.[1];
}

/** Records between empty lines, rows of a table, or rows of JSON. */
function sortedRows(output: string): string {
  const text = output.replace(UUID, NO_UUID);
  if (text.startsWith("{")) {
    const { data, headings } = JSON.parse(text) as { data: unknown[]; headings: unknown };
    return JSON.stringify({ data: data.map((row) => JSON.stringify(row)).sort(), headings });
  }
  if (text.includes("\n-")) {
    const [heading = "", ruler = "", ...rows] = text.trimEnd().split("\n");
    return [heading, ruler, ...rows.sort(), ""].join("\n");
  }
  return text
    .split("\n\n")
    .map((row) => row.trimEnd())
    .sort()
    .join("\n\n");
}
