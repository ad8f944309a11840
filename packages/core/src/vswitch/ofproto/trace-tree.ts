// The trace of a translation: a tree of what happened, and its text (oftrace_node_print_details).

export type TraceNodeType = "bridge" | "table" | "thaw" | "bucket" | "action" | "detail" | "warn" | "error";

export interface TraceNode {
  readonly type: TraceNodeType;
  readonly text: string;
  readonly subs: TraceNode[];
}

const TERMINAL: ReadonlySet<TraceNodeType> = new Set(["action", "detail", "warn", "error", "bucket"]);

/** A last child that is no end of its own is not indented, so that chains of tables stay at the margin. */
export function formatTrace(nodes: readonly TraceNode[], level = 0): string {
  let text = "";
  nodes.forEach((node, index) => {
    if (node.type === "bridge") text += "\n";
    const more = index < nodes.length - 1 || TERMINAL.has(node.type) ? 1 : 0;
    const indent = " ".repeat((level + more) * 4);
    switch (node.type) {
      case "detail":
        text += `${indent} -> ${node.text}\n`;
        break;
      case "warn":
        text += `${indent} >> ${node.text}\n`;
        break;
      case "error":
        text += `${indent} >>>> ${node.text} <<<<\n`;
        break;
      case "bridge":
        text += `${indent}${node.text}\n${indent}${"-".repeat(node.text.length)}\n`;
        break;
      default:
        text += `${indent}${node.text}\n`;
    }
    text += formatTrace(node.subs, level + 2 * more);
  });
  return text;
}
