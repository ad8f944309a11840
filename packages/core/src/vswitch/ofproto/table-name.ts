// The name of a flow table, which the database and OpenFlow may give (oftable_set_name() of ofproto.c).

const NAMERS = ["nobody", "openflow", "database"] as const;
/** Who has given it; later ones come first. */
type Namer = (typeof NAMERS)[number];

/** Characters (OFP_MAX_TABLE_NAME_LEN). */
const MAX_LENGTH = 32;

export class TableName {
  #text: string | undefined;
  #namer: Namer = "nobody";

  get text(): string | undefined {
    return this.#text;
  }

  #givesWayTo(by: Namer): boolean {
    return NAMERS.indexOf(by) >= NAMERS.indexOf(this.#namer);
  }

  /** A name that begins as another one does is taken for that. */
  #isLike(text: string): boolean {
    return this.#text?.startsWith(text.slice(0, MAX_LENGTH)) === true;
  }

  /** Whether `by` may want this name. */
  allows(text: string, by: Namer): boolean {
    return this.#givesWayTo(by) || this.#text === undefined || this.#isLike(text);
  }

  /** Undefined takes back what `by` has given. */
  set(text: string | undefined, by: Namer): void {
    if (!this.#givesWayTo(by)) return;
    if (text === undefined) {
      if (this.#namer !== by) return;
      this.#text = undefined;
      this.#namer = "nobody";
      return;
    }
    if (text === "") this.#text = undefined;
    else if (!this.#isLike(text)) this.#text = text.slice(0, MAX_LENGTH);
    this.#namer = by;
  }
}
