import { useEffect, useState } from "preact/hooks";
import type { Question, Refused, Snippets } from "./protocol";
import type { Store } from "./store";

export const DEBOUNCE_MS = 300;

export type Loaded = { kind: "loading" } | { kind: "late" } | Snippets | Refused;

/** The lines for a draft, asked for again when the draft changes while somebody looks. */
export function useSnippets(store: Store, question: Question, draft: string, open: boolean): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  const first = loaded.kind === "loading";
  useEffect(() => {
    if (!open) return;
    let current = true;
    const load = () => {
      const { reply, inTime } = store.snippets(question);
      void inTime.then((ok) => current && !ok && setLoaded({ kind: "late" }));
      void reply.then((message) => current && setLoaded(message));
    };
    const timer = setTimeout(load, first ? 0 : DEBOUNCE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [question.id, draft, open]);
  return loaded;
}
