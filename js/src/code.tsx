/** The answers of this review as source code: asked from the kernel once somebody looks. */
import { useEffect, useState } from "preact/hooks";
import { CopyButton } from "./copy";
import type { AnswersCode, Refused, Turn } from "./protocol";
import { Shown } from "./shown";
import type { Store } from "./store";
import { strings } from "./strings";

const text = strings.code;

type Loaded = { kind: "loading" } | AnswersCode | Refused;

export function CodePanel({ store }: { store: Store }) {
  const { turns } = store.view.value;
  const [open, setOpen] = useState(false);
  const loaded = useCode(store, turns, open);
  if (turns.every(({ origin }) => origin === "elsewhere")) return null;
  return (
    <details class="snippets as-code" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.title}</summary>
      {open && <Body loaded={loaded} />}
    </details>
  );
}

function Body({ loaded }: { loaded: Loaded }) {
  switch (loaded.kind) {
    case "loading":
      return <p class="hint">{strings.snippets.loading}</p>;
    case "refused":
      return (
        <p class="problem" role="alert" dir="auto">
          <Shown text={loaded.problem.message} />
        </p>
      );
    case "answers_code":
      return (
        <>
          <p class="hint">
            {text.hint} <CopyButton text={loaded.python} />
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre class="code" tabIndex={0}>
            <Shown text={loaded.python} />
          </pre>
        </>
      );
    default:
      return loaded satisfies never;
  }
}

/** Asked for again when something else is answered while somebody looks. */
function useCode(store: Store, turns: Turn[], open: boolean): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  useEffect(() => {
    if (!open) return;
    let current = true;
    void store.code().reply.then((message) => current && setLoaded(message));
    return () => {
      current = false;
    };
  }, [turns, open]);
  return loaded;
}
