/** The page's words in the languages of its panes. To add a language, copy one and translate it. */
const WORDS = {
  en: {
    title: 'Moderated chat',
    tagline: 'Write in any language. Everyone reads in theirs.',
    languages: 'Languages',
    name: 'Your name',
    code: 'Access code, if you have one',
    join: 'Join',
    leave: 'Change name',
    youAre: (name) => `You are ${name}`,
    cannotJoin: (reason) => `You cannot join: ${reason}`,
    connecting: 'Connecting …',
    connected: 'Connected',
    lost: (reason) => `Reconnecting: ${reason}`,
    stopped: (reason) => `Stopped: ${reason}. Reload the page.`,
    skipped: (count) => `${count === 1 ? '1 message' : `${count} messages`} skipped: not written by this chat`,
    gap: 'Messages may be missing here',
    empty: 'Nobody has written yet',
    compose: (language) => `Message, written in the pane ${language}`,
    saySomething: 'Say something',
    send: 'Send',
    blank: 'Not sent: there is nothing to read in it',
    sending: 'Sending …',
    sent: 'Sent, being moderated',
    failed: (reason) => `Not sent: ${reason}`,
    retry: 'Retry',
    discard: 'Discard',
    you: '(You)',
    from: (language) => `from ${language}`,
    masked: 'masked',
    showOriginal: 'Show the original',
    hideOriginal: 'Hide the original',
    troubles: {
      tokensUnreachable: 'the function that gives tokens cannot be reached',
      tokensStatus: (status) => `the function that gives tokens answered ${status}`,
      noToken: (status) => `the function that gives tokens answered ${status} without a token`,
      refused: (message) => message,
      unreachable: 'Momento cannot be reached',
      unreadable: 'the answer was not readable',
      expired: 'the token has expired',
      forbidden: 'the token is not for this topic',
      noCache: 'there is no such cache',
      tooMany: 'there are too many requests',
      status: (status) => `Momento answered ${status}`,
    },
  },
  es: {
    title: 'Chat moderado',
    tagline: 'Escribe en cualquier idioma. Cada cual lee en el suyo.',
    languages: 'Idiomas',
    name: 'Tu nombre',
    code: 'Código de acceso, si tienes uno',
    join: 'Entrar',
    leave: 'Cambiar de nombre',
    youAre: (name) => `Eres ${name}`,
    cannotJoin: (reason) => `No puedes entrar: ${reason}`,
    connecting: 'Conectando …',
    connected: 'Conectado',
    lost: (reason) => `Reconectando: ${reason}`,
    stopped: (reason) => `Detenido: ${reason}. Vuelve a cargar la página.`,
    skipped: (count) => `${count === 1 ? '1 mensaje omitido' : `${count} mensajes omitidos`}: no son de este chat`,
    gap: 'Aquí pueden faltar mensajes',
    empty: 'Nadie ha escrito todavía',
    compose: (language) => `Mensaje, escrito en el panel ${language}`,
    saySomething: 'Di algo',
    send: 'Enviar',
    blank: 'No enviado: no hay nada que leer',
    sending: 'Enviando …',
    sent: 'Enviado, en moderación',
    failed: (reason) => `No enviado: ${reason}`,
    retry: 'Reintentar',
    discard: 'Descartar',
    you: '(Tú)',
    from: (language) => `del ${language}`,
    masked: 'censurado',
    showOriginal: 'Ver el original',
    hideOriginal: 'Ocultar el original',
    troubles: {
      tokensUnreachable: 'la función que da los tokens no responde',
      tokensStatus: (status) => `la función que da los tokens respondió ${status}`,
      noToken: (status) => `la función que da los tokens respondió ${status} sin token`,
      refused: (message) => message,
      unreachable: 'Momento no responde',
      unreadable: 'la respuesta no se puede leer',
      expired: 'el token ha caducado',
      forbidden: 'el token no es para este tema',
      noCache: 'no existe la caché',
      tooMany: 'hay demasiadas peticiones',
      status: (status) => `Momento respondió ${status}`,
    },
  },
  ja: {
    title: 'モデレーション付きチャット',
    tagline: 'どの言語でも書けます。それぞれの言語で読めます。',
    languages: '言語',
    name: 'お名前',
    code: 'アクセスコード（お持ちの場合）',
    join: '参加する',
    leave: '名前を変える',
    youAre: (name) => `${name} さんとして参加中`,
    cannotJoin: (reason) => `参加できません：${reason}`,
    connecting: '接続中 …',
    connected: '接続済み',
    lost: (reason) => `再接続中：${reason}`,
    stopped: (reason) => `停止しました：${reason}。ページを再読み込みしてください。`,
    skipped: (count) => `このチャットのものではないメッセージを${count}件省きました`,
    gap: 'ここでメッセージが抜けている可能性があります',
    empty: 'まだ投稿がありません',
    compose: (language) => `${language}の欄に書くメッセージ`,
    saySomething: 'メッセージを入力',
    send: '送信',
    blank: '送信できません：読める文字がありません',
    sending: '送信中 …',
    sent: '送信済み（確認中）',
    failed: (reason) => `送信できません：${reason}`,
    retry: '再送信',
    discard: '破棄',
    you: '（あなた）',
    from: (language) => `${language}から`,
    masked: '伏せ字',
    showOriginal: '原文を表示',
    hideOriginal: '原文を隠す',
    troubles: {
      tokensUnreachable: 'トークンを発行する関数に接続できません',
      tokensStatus: (status) => `トークンを発行する関数が ${status} を返しました`,
      noToken: (status) => `トークンを発行する関数が ${status} を返しましたが、トークンがありません`,
      refused: (message) => message,
      unreachable: 'Momento に接続できません',
      unreadable: '応答を読み取れません',
      expired: 'トークンの期限が切れています',
      forbidden: 'このトピックのトークンではありません',
      noCache: 'そのキャッシュはありません',
      tooMany: 'リクエストが多すぎます',
      status: (status) => `Momento が ${status} を返しました`,
    },
  },
};

/** @returns the words in the language of this code, such as `es` or `es-MX`; English where there are none */
export function wordsIn(code) {
  return WORDS[code.split('-')[0]] ?? WORDS.en;
}

/** @returns why something failed, in words */
export function reasonIn(words, error) {
  // Anything else is a fault of the page.
  const reason = words.troubles[error.kind] ?? error.message;
  return typeof reason === 'function' ? reason(error.detail) : reason;
}

/** What names languages, by the language that it names them in: to make one takes as long as to show some messages. */
const NAMES = new Map();

/** @returns what the language of a code is called in the language of another */
export function languageName(code, inCode) {
  try {
    const names = NAMES.get(inCode) ?? new Intl.DisplayNames([inCode], { type: 'language' });
    NAMES.set(inCode, names);
    return names.of(code) ?? code;
  } catch {
    // What was detected need not be a code that the browser knows.
    return code;
  }
}
