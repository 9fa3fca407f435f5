/** One message of a conversation, as the OpenAI API spells it. */
export interface ChatMessage {
  role: string;
  content: string;
}
