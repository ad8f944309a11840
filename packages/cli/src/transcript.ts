// A script as a terminal shows it: comments and commands appear in the order of the text, each before its output.

export class Transcript {
  readonly #text: string;
  readonly #print: (text: string) => void;
  #shown = 0;

  constructor(text: string, print: (text: string) => void) {
    this.#text = text;
    this.#print = print;
  }

  /** The statement between two offsets is about to run. */
  reach(from: number, to: number): void {
    const start = this.#text.lastIndexOf("\n", from - 1) + 1;
    if (start < this.#shown) return; // another statement of a line that is shown already
    this.#comments(this.#text.slice(this.#shown, start));
    const newline = this.#text.indexOf("\n", to);
    const end = newline < 0 ? this.#text.length : newline;
    const [first = "", ...more] = this.#text.slice(start, end).split("\n");
    this.#print(`$ ${first}\n${more.map((line) => `> ${line}\n`).join("")}`);
    this.#shown = end + 1;
  }

  /** Shows the comments after the last command. */
  finish(): void {
    this.#comments(this.#text.slice(this.#shown));
  }

  #comments(between: string): void {
    for (const line of between.split("\n")) {
      if (/^\s*#(?!!)/.test(line)) this.#print(`${line.trim()}\n`);
    }
  }
}
