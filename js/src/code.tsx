/** The answers of this review as source code. */
import { useEffect, useState } from "preact/hooks";
import { CopyButton } from "./copy";
import type { AnswersCode, Turn } from "./protocol";
import { Shown } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";
import { type Loaded, NotYet, Unfolding } from "./unfolding";

const text = strings.code;

export function CodePanel({ store }: { store: Store }) {
  const { turns } = store.view.value;
  if (turns.every(({ origin }) => origin === "elsewhere")) return null;
  return (
    <Unfolding title={text.title} class="as-code">
      <Code store={store} turns={turns} />
    </Unfolding>
  );
}

function Code({ store, turns }: { store: Store; turns: Turn[] }) {
  const loaded = useCode(store, turns);
  if (loaded.kind !== "answers_code") return <NotYet loaded={loaded} />;
  return (
    <>
      <p class="hint">
        {text.hint} <CopyButton text={loaded.python} />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard */}
      <pre class="code" tabIndex={0}>
        <Shown text={loaded.python} />
      </pre>
    </>
  );
}

/** The source code, requested again when another question is answered while the fold is open. */
function useCode(store: Store, turns: Turn[]): Loaded<AnswersCode> {
  const [loaded, setLoaded] = useState<Loaded<AnswersCode>>({ kind: "loading" });
  useEffect(() => {
    let current = true;
    const { reply, inTime } = store.code();
    void inTime.then((ok) => current && !ok && setLoaded({ kind: "late" }));
    void reply.then((message) => current && setLoaded(message));
    return () => {
      current = false;
    };
  }, [turns]);
  return loaded;
}
