// How much of a flow table is free, and when controllers are told of that (OpenFlow 1.4, section 7.4.6, vacancy events;
// oftable_vacancy() and send_table_status() of ofproto.c). The two thresholds take turns: after "less than `down` percent are
// free" comes nothing but "more than `up` percent are".

/** max_flows of a table that the database limits to nothing. */
export const NO_FLOW_LIMIT = 0xffff_ffff;

/** OFPTR_*: why a table's status is told. */
export const TABLE_REASON = { VACANCY_DOWN: 3, VACANCY_UP: 4 } as const;
export type TableReason = (typeof TABLE_REASON)[keyof typeof TABLE_REASON];

/** Percent that is free. Even one flow in a table without a limit takes the hundredth away. */
export function vacancyOf(flows: number, limit: number): number {
  if (limit === 0) return 100;
  return flows >= limit ? 0 : Math.trunc(((limit - flows) * 100) / limit);
}

export class TableVacancy {
  /** Percent. */
  down = 0;
  up = 0;
  /** What may be told next; undefined: nobody has asked. */
  #next: TableReason | undefined;

  get on(): boolean {
    return this.#next !== undefined;
  }

  /** table_mod__(). `free`: percent, now. */
  configure(on: boolean, down: number, up: number, free: number): void {
    this.down = down;
    this.up = up;
    if (!on) this.#next = undefined;
    else this.#next ??= free < up ? TABLE_REASON.VACANCY_UP : TABLE_REASON.VACANCY_DOWN;
  }

  /** What is to be told when so many percent are free. */
  changed(free: number): TableReason | undefined {
    const reason =
      free < this.down ? TABLE_REASON.VACANCY_DOWN : free > this.up ? TABLE_REASON.VACANCY_UP : undefined;
    if (reason === undefined || reason !== this.#next) return undefined;
    this.#next = reason === TABLE_REASON.VACANCY_DOWN ? TABLE_REASON.VACANCY_UP : TABLE_REASON.VACANCY_DOWN;
    return reason;
  }
}
