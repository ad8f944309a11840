// Open vSwitch lists rows by their random UUIDs: bridges and ports in `ovs-vsctl show`, rows in `list` and `find`. Two runs have
// them in two orders, or by chance in one. This puts such an output into an order that does not depend on them.

interface Block {
  readonly line: string;
  readonly inside: Block[];
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const NO_UUID = "00000000-0000-0000-0000-000000000000";

/** `command` as it was typed. Other outputs are left alone. */
export function inNameOrder(command: string, output: string): string {
  if (/ovs-vsctl\b(?:(?! -- ).)*\bshow$/.test(command)) return sortedBlocks(output);
  if (/ovs-vsctl\b.*\b(?:list|find) (?:interface|port|bridge|open_vswitch)/i.test(command))
    return sortedRows(output);
  return output;
}

/** Blocks by indentation, sorted at each depth. */
function sortedBlocks(output: string): string {
  const root: Block = { line: "", inside: [] };
  const open: { readonly depth: number; readonly block: Block }[] = [{ depth: -1, block: root }];
  for (const line of output.replace(UUID, NO_UUID).split("\n")) {
    const depth = line.search(/\S/);
    while (open.length > 1 && (open.at(-1)?.depth ?? -1) >= depth) open.pop();
    const block: Block = { line, inside: [] };
    open.at(-1)?.block.inside.push(block);
    open.push({ depth, block });
  }
  return print(root).join("\n");
}

function print({ inside }: Block): string[] {
  return inside
    .map((block) => [block.line, ...print(block)].join("\n"))
    .sort()
    .flatMap((text) => text.split("\n"));
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
