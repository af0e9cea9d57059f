import { useEffect, useState } from "preact/hooks";
import type { Question, Snippets } from "./protocol";
import type { Store } from "./store";
import type { Loaded } from "./unfolding";

export const DEBOUNCE_MS = 300;

/** The lines for a draft, asked for again when the draft changes while somebody looks. */
export function useSnippets(store: Store, question: Question, draft: string): Loaded<Snippets> {
  const [loaded, setLoaded] = useState<Loaded<Snippets>>({ kind: "loading" });
  const first = loaded.kind === "loading";
  useEffect(() => {
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
  }, [question.id, draft]);
  return loaded;
}
