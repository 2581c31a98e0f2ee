/** A language that the chat is shown in. */
export interface Language {
  /** The end of the topic's name: `spanish` for `friends-subscribe-spanish`. */
  readonly name: string;
  /** Amazon Translate's code of it, which is also what the page says to browsers. */
  readonly code: string;
  /** How those who speak it call it. */
  readonly label: string;
  /**
   * How a message is moderated once more when it is translated, step by step. Each step has its own queue, retries and dead
   * letters.
   *
   * @default - not at all
   */
  readonly moderation?: readonly Moderation[];
  /**
   * Whether only those may read it whose access code is for it. Needs `accessCodesSecretName`.
   *
   * @default false
   */
  readonly needsCode?: boolean;
}

/**
 * What a step of moderation masks: profanity, as before the translation, mostly English; the given words; or texts of at least
 * this toxicity, 0 to 1, by Amazon Comprehend, which knows English only.
 */
export type Moderation = 'profanity' | { readonly words: readonly string[] } | { readonly toxicity: number };

/** To add a language, add a line. */
export const LANGUAGES: readonly Language[] = [
  // What was sworn in another language, the filter knows when it is English.
  { name: 'english', code: 'en', label: 'English', moderation: ['profanity'] },
  { name: 'spanish', code: 'es', label: 'Español' },
  { name: 'japanese', code: 'ja', label: '日本語' },
];
