/** The phrases that the stand-in for Amazon Translate can translate, by the codes of the languages. */
export const GLOSSARY: readonly Readonly<Record<string, string>>[] = [
  { en: 'good morning', es: 'buenos días', ja: 'おはようございます', fr: 'bonjour' },
  { en: 'good night', es: 'buenas noches', ja: 'おやすみなさい', fr: 'bonne nuit' },
  { en: 'hello', es: 'hola', ja: 'こんにちは', fr: 'salut' },
  { en: 'how are you', es: 'cómo estás', ja: 'お元気ですか', fr: 'comment vas-tu' },
  { en: 'i am fine', es: 'estoy bien', ja: '元気です', fr: 'je vais bien' },
  { en: 'see you tomorrow', es: 'hasta mañana', ja: 'また明日', fr: 'à demain' },
  { en: 'thank you', es: 'gracias', ja: 'ありがとう', fr: 'merci' },
  { en: 'where are you', es: 'dónde estás', ja: 'どこにいますか', fr: 'où es-tu' },
  { en: 'my friends', es: 'amigos míos', ja: '友よ', fr: 'mes amis' },
  { en: 'who is hungry', es: 'quién tiene hambre', ja: 'お腹が空いた人は', fr: 'qui a faim' },
  { en: 'what a', es: 'qué', ja: 'なんて', fr: 'quel' },
  { en: 'day', es: 'día', ja: '日', fr: 'jour' },
  { en: 'bullshit', es: 'pamplinas', ja: 'でたらめ', fr: 'foutaises' },
];
