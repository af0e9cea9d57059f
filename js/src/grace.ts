/** A short time in which a sent answer can be taken back: the kernel gets the answer when this time is over. */
export const GRACE_MS = 5_000;

export interface Grace {
  /** Send once the time is over, or earlier where the page is left. */
  keep(id: string, send: () => void): void;
  /** Forget the answer, which is not sent. */
  drop(id: string): void;
}

export function createGrace(signal: AbortSignal): Grace {
  const kept = new Map<string, { timer: ReturnType<typeof setTimeout>; send(): void }>();

  function drop(id: string): void {
    clearTimeout(kept.get(id)?.timer);
    kept.delete(id);
  }

  function end(id: string): void {
    const found = kept.get(id);
    drop(id);
    found?.send();
  }

  const each = (handle: (id: string) => void) => {
    for (const id of [...kept.keys()]) handle(id);
  };
  window.addEventListener("pagehide", () => each(end), { signal });
  signal.addEventListener("abort", () => each(drop));

  return {
    drop,
    keep(id, send) {
      drop(id);
      kept.set(id, { send, timer: setTimeout(() => end(id), GRACE_MS) });
    },
  };
}
