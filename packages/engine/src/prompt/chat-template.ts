import { randomUUID } from "node:crypto";
import { Template } from "@huggingface/jinja";
import { ModxError } from "@modx/errors";
import type { ChatMessage } from "./chat-message.ts";
import { type PromptPart, TEMPLATE_ROLE } from "./chat-prompt.ts";

export interface TemplateTokens {
  begin: string;
  end: string;
}

/** A model's chat template, rendered so that it is known who wrote which part of the prompt. */
export class ChatTemplate {
  private readonly template: Template;
  private readonly tokens: TemplateTokens;

  /** Throws MODX_ENGINE_TEMPLATE when the text is no Jinja template. */
  constructor(source: string, tokens: TemplateTokens) {
    this.tokens = tokens;
    try {
      this.template = new Template(source);
    } catch (cause) {
      throw templateError("The chat template cannot be parsed", cause);
    }
  }

  /**
   * The parts of the rendered conversation, up to and with the opening of the assistant's turn. The template is rendered
   * with a mark in each message's place and split at the marks; it is rendered with the messages themselves as well, and
   * when the two differ (a template that rewrites or inspects content) the conversation is refused, because then roles
   * cannot be told apart.
   */
  parts(messages: readonly ChatMessage[]): PromptPart[] {
    const nonce = randomUUID();
    const mark = (index: number): string => `\u27e6${nonce}:${index}\u27e7`;
    const marked = this.render(messages.map(({ role }, index) => ({ role, content: mark(index) })));
    const real = this.render(messages);
    const pieces = marked.split(new RegExp(`\u27e6${nonce}:(\\d+)\u27e7`));
    for (const content of [
      messages.map((message) => message.content),
      messages.map((message) => message.content.trim()),
    ]) {
      const parts = interleave(pieces, messages, content);
      if (parts.map((part) => part.text).join("") === real) return parts.filter((part) => part.text !== "");
    }
    throw new ModxError("MODX_ENGINE_TEMPLATE", {
      what: "The model's chat template rewrites the messages' content, so that it cannot be known who wrote what.",
      remedy: "Give a template that prints content unchanged with --chat-template-file.",
    });
  }

  private render(messages: readonly ChatMessage[]): string {
    try {
      return this.template.render({
        messages,
        add_generation_prompt: true,
        bos_token: this.tokens.begin,
        eos_token: this.tokens.end,
      });
    } catch (cause) {
      throw templateError("The chat template refuses this conversation", cause);
    }
  }
}

/** Odd pieces are message indices (from the split's group), even ones the template's text. */
function interleave(
  pieces: readonly string[],
  messages: readonly ChatMessage[],
  content: readonly string[],
): PromptPart[] {
  return pieces.map((piece, position) => {
    if (position % 2 === 0) return { text: piece, role: TEMPLATE_ROLE, message: -1 };
    const index = Number(piece);
    return { text: content[index] ?? "", role: messages[index]?.role ?? TEMPLATE_ROLE, message: index };
  });
}

function templateError(what: string, cause: unknown): ModxError {
  return new ModxError("MODX_ENGINE_TEMPLATE", {
    what: `${what} (${cause instanceof Error ? cause.message : cause}).`,
    remedy: "Check the roles of the messages, or give another template with --chat-template-file.",
    cause,
  });
}
