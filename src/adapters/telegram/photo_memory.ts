/** Which picture belongs behind which message, and whether it stands there: a later edit may have changed what it should say. */

/** `photoId` null = none stands there, or nobody knows its number. */
export type Behind = { readonly says: string | null; readonly photoId: number | null };

export type PhotoMemory = {
  of(key: string): Behind | undefined;
  /** This belongs there from now on. */
  expect(key: string, behind: Behind): void;
  /** The photo that stands behind it now. */
  stands(key: string, photoId: number | null): void;
  /** Whether this is the first time that the picture of this post is wanted. */
  isFirst(nonce: string): boolean;
};

const rememberedMax = 1_000;

export function remembersPhotos(): PhotoMemory {
  const kept = new Map<string, Behind>();
  const nonces = new Set<string>();
  return {
    of: (key) => kept.get(key),
    expect(key, behind) {
      if (kept.size >= rememberedMax) kept.delete(kept.keys().next().value ?? "");
      kept.set(key, behind);
    },
    stands(key, photoId) {
      const known = kept.get(key);
      if (known !== undefined) kept.set(key, { ...known, photoId });
    },
    isFirst(nonce) {
      if (nonces.has(nonce)) return false;
      if (nonces.size >= rememberedMax) nonces.delete(nonces.values().next().value ?? "");
      nonces.add(nonce);
      return true;
    },
  };
}

/** Work for one chat at a time, in the order of its coming. */
export function standsInLine(): { add(chatId: string, work: () => Promise<void>): void; settled(): Promise<void> } {
  const lines = new Map<string, Promise<void>>();
  return {
    add(chatId, work) {
      const line = (lines.get(chatId) ?? Promise.resolve()).then(work);
      lines.set(chatId, line);
      void line.then(() => lines.get(chatId) === line && lines.delete(chatId));
    },
    async settled() {
      await Promise.allSettled([...lines.values()]);
    },
  };
}
