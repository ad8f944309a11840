// POSIX regular expressions (regex(7)) with the GNU escapes, as JavaScript ones, for every program that offers them.
// Alternation takes the first alternative that matches instead of the longest one; it shows only in what is captured
// or cut out, never in whether a line matches.

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: " \\t\\n\\r\\f\\v",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  print: "\\x20-\\x7e",
  graph: "\\x21-\\x7e",
  cntrl: "\\x00-\\x1f\\x7f",
  xdigit: "0-9A-Fa-f",
};

export type RegExpSyntax = "basic" | "extended";

/** Escapes a text so that it matches itself. */
export function quoteRegExp(text: string): string {
  return text.replace(/[\\^$.[\]|()?*+{}]/g, "\\$&");
}

/** Undefined if the expression is not valid. */
export function posixRegExp(text: string, syntax: RegExpSyntax, flags = ""): RegExp | undefined {
  try {
    return new RegExp(regExpSource(text, syntax), flags);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Source of the JavaScript expression. Throws SyntaxError. */
export function regExpSource(text: string, syntax: RegExpSyntax): string {
  return new Translator(text, syntax).run();
}

class Translator {
  readonly #text: string;
  readonly #basic: boolean;
  #at = 0;
  #out = "";

  constructor(text: string, syntax: RegExpSyntax) {
    this.#text = text;
    this.#basic = syntax === "basic";
  }

  run(): string {
    while (this.#at < this.#text.length) this.#step();
    return this.#out;
  }

  /** True where an expression begins: there `*` is an ordinary character, and `^` an anchor. */
  #atStart(): boolean {
    return this.#out === "" || this.#out.endsWith("(") || this.#out.endsWith("|") || this.#out === "^";
  }

  #step(): void {
    const char = this.#text[this.#at++] ?? "";
    switch (char) {
      case "[":
        return this.#bracket();
      case "\\":
        return this.#escape();
      case "*":
        this.#out += this.#atStart() ? "\\*" : "*";
        return;
      case "^":
        this.#out += this.#basic && !this.#atStart() ? "\\^" : "^";
        return;
      case "$": {
        const rest = this.#text.slice(this.#at);
        this.#out += this.#basic && rest !== "" && !/^\\[)|]/.test(rest) ? "\\$" : "$";
        return;
      }
      case "{":
        return this.#basic ? this.#literal(char) : this.#interval(/^\d*(?:,\d*)?\}/);
      case "(":
      case ")":
      case "|":
      case "+":
      case "?":
        if (this.#basic) this.#literal(char);
        else if ((char === "+" || char === "?") && this.#atStart()) this.#literal(char);
        else this.#out += char;
        return;
      case ".":
        this.#out += ".";
        return;
      default:
        return this.#literal(char);
    }
  }

  #literal(char: string): void {
    this.#out += quoteRegExp(char);
  }

  /** {n,m} after its opening; not one of those: an ordinary brace. */
  #interval(form: RegExp): void {
    const match = form.exec(this.#text.slice(this.#at));
    if (!match || /^[,}]/.test(match[0])) {
      if (match?.[0].startsWith(",")) {
        this.#out += `{0${match[0].replace(/\\?\}$/, "}")}`;
        this.#at += match[0].length;
      } else this.#literal("{");
      return;
    }
    this.#out += `{${match[0].replace(/\\?\}$/, "}")}`;
    this.#at += match[0].length;
  }

  #escape(): void {
    const char = this.#text[this.#at++];
    if (char === undefined) throw new SyntaxError("Trailing backslash");
    if (this.#basic && "(|)".includes(char)) this.#out += char;
    else if (this.#basic && (char === "+" || char === "?")) this.#out += this.#atStart() ? `\\${char}` : char;
    else if (this.#basic && char === "{") this.#interval(/^\d*(?:,\d*)?\\\}/);
    else if (char === "<") this.#out += "\\b(?=\\w)";
    else if (char === ">") this.#out += "\\b(?<=\\w)";
    else if (char === "`") this.#out += "^";
    else if (char === "'") this.#out += "$";
    else if (/[bBwWsS1-9]/.test(char)) this.#out += `\\${char}`;
    else if (char === "n") this.#out += "\\n";
    else this.#literal(char);
  }

  /** A bracket expression as a JavaScript class. */
  #bracket(): void {
    let out = "[";
    if (this.#text[this.#at] === "^") {
      out += "^";
      this.#at++;
    }
    for (let first = true; this.#at < this.#text.length; first = false) {
      const char = this.#text[this.#at] ?? "";
      if (char === "]" && !first) {
        this.#at++;
        this.#out += `${out}]`;
        return;
      }
      const rest = this.#text.slice(this.#at);
      const named = /^\[:([a-z]+):\]/.exec(rest);
      const symbol = /^\[[.=]([\s\S])[.=]\]/.exec(rest);
      if (named) {
        const set = CLASSES[named[1] ?? ""];
        if (set === undefined) throw new SyntaxError("Invalid character class name");
        out += set;
      } else out += /[\\[\]^]/.test(symbol?.[1] ?? char) ? `\\${symbol?.[1] ?? char}` : (symbol?.[1] ?? char);
      this.#at += named?.[0].length ?? symbol?.[0].length ?? 1;
    }
    throw new SyntaxError("Unmatched [, [^, [:, [., or [=");
  }
}
