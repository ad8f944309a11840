// Signals: names, Linux numbers (x86, signal(7)) and what happens when nobody handles them.

export const SIGNAL_NUMBERS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGWINCH: 28,
} as const;

export type Signal = keyof typeof SIGNAL_NUMBERS;

const IGNORED: ReadonlySet<Signal> = new Set([
  "SIGCHLD",
  "SIGCONT",
  "SIGWINCH",
  "SIGTTIN",
  "SIGTTOU",
  "SIGTSTP",
  "SIGSTOP",
]);

/** True if the default action ends the process. Stopping (SIGSTOP) is not modelled and counts as ignoring. */
export function endsProcess(signal: Signal): boolean {
  return !IGNORED.has(signal);
}

/** Accepts INT, SIGINT, 2 and lower case, as kill(1) does; undefined if there is no such signal. */
export function parseSignal(text: string): Signal | undefined {
  const upper = text.toUpperCase();
  for (const [name, number] of Object.entries(SIGNAL_NUMBERS)) {
    if (upper === name || `SIG${upper}` === name || text === String(number)) return name as Signal;
  }
  return undefined;
}
