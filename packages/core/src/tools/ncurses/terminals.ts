// What terminfo(5) tells of the terminals that scripts meet: xterm and its kin, the Linux
// console, screen, VT100 (without delays) and dumb.

/** String capabilities by name; parameters as terminfo writes them. */
export interface Terminal {
  readonly longname: string;
  /** What tput init and tput reset send (is2, rs1, rs2). */
  readonly init: string;
  readonly reset: string;
  readonly colors: number;
  readonly clear: string | undefined;
  /** E3: clears what was scrolled away too. */
  readonly clearAll: string | undefined;
  readonly strings: Readonly<Record<string, string>>;
}

const ESC = "\x1b";

const VT100: Readonly<Record<string, string>> = {
  bel: "\x07",
  bold: `${ESC}[1m`,
  cr: "\r",
  cub1: "\b",
  cud1: "\n",
  cuf1: `${ESC}[C`,
  cuu1: `${ESC}[A`,
  cub: `${ESC}[%p1%dD`,
  cud: `${ESC}[%p1%dB`,
  cuf: `${ESC}[%p1%dC`,
  cuu: `${ESC}[%p1%dA`,
  cup: `${ESC}[%i%p1%d;%p2%dH`,
  ed: `${ESC}[J`,
  el: `${ESC}[K`,
  el1: `${ESC}[1K`,
  blink: `${ESC}[5m`,
  home: `${ESC}[H`,
  rc: `${ESC}8`,
  rev: `${ESC}[7m`,
  rmso: `${ESC}[27m`,
  rmul: `${ESC}[24m`,
  sc: `${ESC}7`,
  smso: `${ESC}[7m`,
  smul: `${ESC}[4m`,
};

const ANSI: Readonly<Record<string, string>> = { ...VT100, dim: `${ESC}[2m` };

const XTERM: Readonly<Record<string, string>> = {
  ...ANSI,
  civis: `${ESC}[?25l`,
  cnorm: `${ESC}[?12l${ESC}[?25h`,
  op: `${ESC}[39;49m`,
  ritm: `${ESC}[23m`,
  rmcup: `${ESC}[?1049l${ESC}[23;0;0t`,
  sgr0: `${ESC}(B${ESC}[m`,
  sitm: `${ESC}[3m`,
  smcup: `${ESC}[?1049h${ESC}[22;0;0t`,
};

const SOFT_RESET = `${ESC}[!p${ESC}[?3;4l${ESC}[4l${ESC}>${ESC}[?69l`;

function xterm(longname: string, colors: number, ownReset: string, init = SOFT_RESET): Terminal {
  return {
    longname,
    init,
    reset: ownReset + init,
    colors,
    clear: `${ESC}[H${ESC}[2J`,
    clearAll: `${ESC}[3J`,
    strings: XTERM,
  };
}

const TERMINALS: Readonly<Record<string, Terminal>> = {
  xterm: xterm("xterm terminal emulator (X Window System)", 8, `${ESC}c`),
  "xterm-color": xterm(
    "generic color xterm",
    8,
    "",
    `${ESC}[m${ESC}[?7h${ESC}[4l${ESC}>${ESC}7${ESC}[r${ESC}[?1;3;4;6l${ESC}8`,
  ),
  "xterm-256color": xterm("xterm with 256 colors", 256, `${ESC}c${ESC}]104\x07`),
  linux: {
    longname: "Linux console",
    init: "",
    reset: `${ESC}c${ESC}]R`,
    colors: 8,
    clear: `${ESC}[H${ESC}[J`,
    clearAll: `${ESC}[3J`,
    strings: {
      ...ANSI,
      civis: `${ESC}[?25l${ESC}[?1c`,
      cnorm: `${ESC}[?25h${ESC}[?0c`,
      op: `${ESC}[39;49m`,
      sgr0: `${ESC}[m\x0f`,
    },
  },
  screen: {
    longname: "VT 100/ANSI X3.64 virtual terminal",
    init: `${ESC})0`,
    reset: `${ESC}c${ESC}[?1000l${ESC}[?25h`,
    colors: 8,
    clear: `${ESC}[H${ESC}[J`,
    clearAll: undefined,
    strings: {
      ...ANSI,
      civis: `${ESC}[?25l`,
      cuu1: `${ESC}M`,
      rmcup: `${ESC}[?1049l`,
      smcup: `${ESC}[?1049h`,
      cnorm: `${ESC}[34h${ESC}[?25h`,
      op: `${ESC}[39;49m`,
      rmso: `${ESC}[23m`,
      sgr0: `${ESC}[m\x0f`,
      smso: `${ESC}[3m`,
    },
  },
  vt100: {
    longname: "DEC VT100 (w/advanced video)",
    init: "",
    reset: `${ESC}<${ESC}>${ESC}[?3;4;5l${ESC}[?7;8h${ESC}[r`,
    colors: -1,
    clear: `${ESC}[H${ESC}[J`,
    clearAll: undefined,
    strings: { ...VT100, rmso: `${ESC}[m`, rmul: `${ESC}[m`, sgr0: `${ESC}[m\x0f` },
  },
  dumb: {
    longname: "80-column dumb tty",
    init: "",
    reset: "",
    colors: -1,
    clear: undefined,
    clearAll: undefined,
    strings: { bel: "\x07", cr: "\r", cud1: "\n" },
  },
};

/** Some terminal has it. */
export function isCapability(name: string): boolean {
  return Object.values(TERMINALS).some(({ strings }) => Object.hasOwn(strings, name));
}

export function terminalNamed(name: string): Terminal | undefined {
  return Object.hasOwn(TERMINALS, name) ? TERMINALS[name] : undefined;
}

/** The sequence that sets a colour: "setaf" the foreground, "setab" the background. */
export function colorSequence(
  terminal: Terminal,
  name: "setaf" | "setab",
  color: number,
): string | undefined {
  if (terminal.colors < 8) return undefined;
  const base = name === "setaf" ? 30 : 40;
  if (terminal.colors < 256 || color < 8) return `${ESC}[${base / 10}${color}m`;
  return color < 16 ? `${ESC}[${base + 60 + color - 8}m` : `${ESC}[${base + 8};5;${color}m`;
}

/** tparm(3) as far as cursor movements need it: %i, %pN and %d. */
export function withParameters(text: string, parameters: readonly number[]): string {
  const step = text.includes("%i") ? 1 : 0;
  return text
    .replaceAll("%i", "")
    .replace(/%p(\d)%d/g, (_, digit: string) => String((parameters[Number(digit) - 1] ?? 0) + step));
}
