/** TypeScript, lightly coloured: comments, strings, words of the language. */
import type { ReactNode } from "react";

const TOKENS =
  /(\/\*[\s\S]*?\*\/|\/\/[^\n]*)|("(?:[^"\\]|\\.)*"|`[^`]*`)|\b(import|export|from|const|let|return|if|else|for|of|type|new|class|extends|function|undefined)\b|\b(\d[\d_.]*)\b/g;
const KINDS = ["comment", "string", "word", "number"] as const;

export function Code({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKENS)) {
    if (match.index > at) parts.push(text.slice(at, match.index));
    const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)];
    parts.push(
      <span key={match.index} className={`code-${kind}`}>
        {match[0]}
      </span>,
    );
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return (
    <pre className="code" tabIndex={0}>
      <code>{parts}</code>
    </pre>
  );
}
