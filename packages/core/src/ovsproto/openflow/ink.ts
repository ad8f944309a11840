/**
 * Colours of flow syntax, as `ovs-ofctl --color` shows them. Formatters say of each word what it is; who prints decides
 * whether that is seen.
 */

/**
 * "actions": the word before a flow's actions. "param": what gets a value. "paren": what has arguments in parentheses.
 * "special": the few words that users look for first. "value": a word that stands alone.
 */
export type WordKind = "actions" | "drop" | "learn" | "param" | "paren" | "special" | "value";

/** Gives a word the colour of its kind. */
export type Ink = (kind: WordKind, text: string) => string;

export const PLAIN_INK: Ink = (_kind, text) => text;

/** SGR parameters by the names that OVS_COLORS has for them. */
const DEFAULTS: readonly (readonly [key: string, kind: WordKind, parameters: string])[] = [
  ["ac", "actions", "1;31"],
  ["dr", "drop", "34"],
  ["le", "learn", "31"],
  ["pm", "param", "36"],
  ["pr", "paren", "35"],
  ["sp", "special", "33"],
  ["vl", "value", "32"],
];

/** Starts a colour, and clears the rest of the line as grep(1) does. */
const start = (parameters: string): string => `\u001b[${parameters}m\u001b[K`;

/** @param settings like `ac=01;31:dr=34`, the variable OVS_COLORS; what is odd in it counts for nothing */
export function colouredInk(settings: string): Ink {
  const starts = new Map(DEFAULTS.map(([, kind, parameters]) => [kind, start(parameters)]));
  for (const setting of settings === "" ? [] : settings.split(":")) {
    const [key, ...rest] = setting.split("=");
    const kind = DEFAULTS.find(([name]) => name === key)?.[1];
    const parameters = rest.join("=");
    if (!kind || !/^[0-9;]*$/.test(parameters)) continue;
    // A name without "=" gets what C's printf() makes of no string.
    starts.set(kind, start(rest.length === 0 ? "(null)" : parameters));
  }
  return (kind, text) => `${starts.get(kind) ?? ""}${text}${start("")}`;
}
