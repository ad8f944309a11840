// Locks (RFC 7047, 4.1.8): names that one client at a time may own; others wait in the order in which they asked.

/** One client's claim. The first of a lock's claims owns it. */
export interface Claim<Owner> {
  readonly owner: Owner;
  readonly name: string;
}

export class Locks<Owner> {
  readonly #thieves = new WeakSet<Claim<Owner>>();
  readonly #claims = new Map<string, Claim<Owner>[]>();

  /** Adds a claim. Returns whether it owns the lock, and whom it was stolen from. */
  claim(claim: Claim<Owner>, steal: boolean): { readonly locked: boolean; readonly victim?: Owner } {
    const claims = this.#claims.get(claim.name) ?? [];
    this.#claims.set(claim.name, claims);
    const [owner] = claims;
    if (steal) {
      // a thief who is robbed is not waited for
      if (owner && this.#thieves.has(owner)) claims.shift();
      this.#thieves.add(claim);
      claims.unshift(claim);
      return owner ? { locked: true, victim: owner.owner } : { locked: true };
    }
    claims.push(claim);
    return { locked: owner === undefined };
  }

  owns(claim: Claim<Owner>): boolean {
    return this.#claims.get(claim.name)?.[0] === claim;
  }

  /** Withdraws a claim. Returns who owns the lock from now on: as in the original, who is told so even if that has not changed. */
  release(claim: Claim<Owner>): Owner | undefined {
    const claims = this.#claims.get(claim.name) ?? [];
    const at = claims.indexOf(claim);
    if (at < 0) return undefined;
    claims.splice(at, 1);
    if (claims.length === 0) this.#claims.delete(claim.name);
    return claims[0]?.owner;
  }
}
