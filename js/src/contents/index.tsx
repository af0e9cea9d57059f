/**
 * Draws a payload. A new kind needs a file here and a case below; without the case the code does not compile.
 */
import type { Content } from "../protocol";
import { CodeView } from "./code";
import { GridView } from "./grid";
import { ImageView } from "./image";
import { LinkView } from "./link";
import { MessagesView } from "./messages";
import { PartsView } from "./parts";
import { ProseView } from "./prose";
import { TreeView } from "./tree";

export function Contents({ shows }: { shows: Content[] }) {
  if (shows.length === 0) return null;
  return (
    <div class="contents">
      {shows.map((content, index) => (
        <One key={`${index} ${content.kind}`} content={content} />
      ))}
    </div>
  );
}

function One({ content }: { content: Content }) {
  switch (content.kind) {
    case "prose":
      return <ProseView {...content} />;
    case "code":
      return <CodeView {...content} />;
    case "tree":
      return <TreeView {...content} />;
    case "grid":
      return <GridView {...content} />;
    case "image":
      return <ImageView {...content} />;
    case "link":
      return <LinkView {...content} />;
    case "messages":
      return <MessagesView {...content} />;
    case "parts":
      return <PartsView {...content} />;
    default:
      return content satisfies never;
  }
}
