// Results that are there at once nearly always, and come later when a program had to wait for its input. Code is written once for both,
// and pays for a promise only where there is one.

export type Eventually<T> = T | Promise<T>;

/** Goes on with a value once it is there. */
export function after<T, U>(value: Eventually<T>, next: (value: T) => Eventually<U>): Eventually<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Goes through a list; `step` returns true to stop. */
export function each<T>(
  list: readonly T[],
  step: (item: T) => Eventually<boolean>,
  from = 0,
): Eventually<boolean> {
  for (let at = from; at < list.length; at++) {
    const stopped = step(list[at] as T);
    if (stopped instanceof Promise) return stopped.then((is) => is || each(list, step, at + 1));
    if (stopped) return true;
  }
  return false;
}

/** Repeats until `step` returns false. */
export function repeat(step: () => Eventually<boolean>): Eventually<void> {
  for (;;) {
    const again = step();
    if (again instanceof Promise) return repeatLater(again, step);
    if (!again) return;
  }
}

async function repeatLater(first: Promise<boolean>, step: () => Eventually<boolean>): Promise<void> {
  for (let again = await first; again; again = await step());
}
