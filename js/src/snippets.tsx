/** Lines with which other clients resume this interrupt: requested from the kernel once a person looks. */
import { useId, useState } from "preact/hooks";
import { CopyButton } from "./copy";
import type { Question, Snippets } from "./protocol";
import type { Store } from "./store";
import * as strings from "./strings";
import { Tabs } from "./tabs";
import { NotYet, Unfolding } from "./unfolding";
import { useSnippets } from "./use-snippets";

const { languages, ...text } = strings.snippets;
type Language = keyof typeof languages;
const LANGUAGES = Object.keys(languages) as Language[];

interface Props {
  store: Store;
  question: Question;
  draft: string;
}

export function SnippetsPanel({ store, question, draft }: Props) {
  return (
    <Unfolding title={text.title} class="snippets">
      <Lines store={store} question={question} draft={draft} />
    </Unfolding>
  );
}

function Lines({ store, question, draft }: Props) {
  const loaded = useSnippets(store, question, draft);
  return loaded.kind === "snippets" ? <Languages snippets={loaded} /> : <NotYet loaded={loaded} />;
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard */}
      <pre tabIndex={0}>{snippets[chosen]}</pre>
    </Tabs>
  );
}
