// Socket cookies (net/core/sock_diag.c: sock_gen_cookie): a number that a socket gets when it is first asked for.

const given = new WeakMap<object, bigint>();
const last = new WeakMap<object, bigint>();

/** The socket's cookie; the kernel counts. */
export function cookieOf(kernel: object, socket: object): bigint {
  let cookie = given.get(socket);
  if (cookie === undefined) {
    cookie = (last.get(kernel) ?? 0n) + 1n;
    last.set(kernel, cookie);
    given.set(socket, cookie);
  }
  return cookie;
}
