/** How other clients would resume this interrupt: asked from the kernel once somebody looks. */
import { useId, useState } from "preact/hooks";
import { CopyButton } from "./copy";
import type { Question, Snippets } from "./protocol";
import { Shown } from "./shown";
import type { Store } from "./store";
import { strings } from "./strings";
import { Tabs } from "./tabs";
import { type Loaded, useSnippets } from "./use-snippets";

const { languages, ...text } = strings.snippets;
type Language = keyof typeof languages;
const LANGUAGES = Object.keys(languages) as Language[];

interface Props {
  store: Store;
  question: Question;
  draft: string;
}

export function SnippetsPanel({ store, question, draft }: Props) {
  const [open, setOpen] = useState(false);
  const loaded = useSnippets(store, question, draft, open);
  return (
    <details class="snippets" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.title}</summary>
      {open && <Body loaded={loaded} />}
    </details>
  );
}

function Body({ loaded }: { loaded: Loaded }) {
  switch (loaded.kind) {
    case "loading":
      return <p class="hint">{text.loading}</p>;
    case "late":
      return <p class="hint">{text.late}</p>;
    case "refused":
      return (
        <p class="problem" role="alert" dir="auto">
          <Shown text={loaded.problem.message} />
        </p>
      );
    case "snippets":
      return <Languages snippets={loaded} />;
    default:
      return loaded satisfies never;
  }
}

function Languages({ snippets }: { snippets: Snippets }) {
  const [chosen, choose] = useState<Language>("python");
  return (
    <Tabs
      id={useId()}
      label={text.tabs}
      tabs={LANGUAGES.map((id) => ({ id, name: languages[id] }))}
      chosen={chosen}
      onChoose={choose}
      aside={<CopyButton text={snippets[chosen]} />}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{snippets[chosen]}</pre>
    </Tabs>
  );
}
