// curl's progress meter: a heading, and a line that is written over.

const HEADING =
  "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
  "                                 Dload  Upload   Total   Spent    Left  Speed\n";
const NO_TIME = "--:--:--";

/** Five places: digits, or digits with a unit of 1024. */
function amount(bytes: number): string {
  if (bytes < 100_000) return String(Math.floor(bytes)).padStart(5);
  let left = bytes / 1024;
  for (const unit of ["k", "M", "G", "T"]) {
    if (left < 100 && unit !== "k") return `${left.toFixed(1).padStart(4)}${unit}`;
    if (left < 10_000) return `${String(Math.floor(left)).padStart(4)}${unit}`;
    left /= 1024;
  }
  return `${String(Math.floor(left * 1024)).padStart(4)}T`;
}

function time(seconds: number): string {
  if (seconds < 1) return NO_TIME;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return parts
    .map((part, at) => (at === 0 ? String(part).padStart(2) : String(part).padStart(2, "0")))
    .join(":");
}

export class Meter {
  readonly #warn: (text: string) => void;

  /** `warn` writes to standard error; without it nothing is shown. */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  start(): void {
    this.#warn(HEADING);
    this.line(0, 0, 0);
  }

  /** Bytes that have come, that are to come (0: nobody knows), and seconds. */
  line(received: number, expected: number, seconds: number): void {
    const total = expected || received;
    const percent = total > 0 ? Math.floor((100 * received) / total) : 0;
    const speed = seconds > 0 ? received / seconds : 0;
    const shown = String(percent).padStart(3);
    this.#warn(
      `\r${shown} ${amount(total)}  ${shown} ${amount(received)}    0     0  ${amount(speed)}      0 ` +
        `${time(seconds)} ${time(seconds)} ${NO_TIME} ${amount(speed)}`,
    );
  }

  end(): void {
    this.#warn("\n");
  }
}
