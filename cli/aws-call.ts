import { Failure } from './failure';
import { printable } from './printable';

/**
 * Makes a call to an AWS service, and puts its failure in a sentence.
 *
 * @param action the permission that the call needs
 */
export async function callAws<T>(service: string, action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(explain(service, action, error instanceof Error ? error : new Error(String(error))));
  }
}

function explain(service: string, action: string, error: Error): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  const said = printable(message);
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return (
      `There are no AWS credentials that work (${said}). ` +
      'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`.'
    );
  }
  if (message === 'Region is missing') {
    return 'It is not known which AWS region this is about: set AWS_REGION, or give --region.';
  }
  if (/^(AccessDenied|AuthorizationError)/.test(name)) {
    return `${service} does not allow this: ${said} (The call needs the permission ${action}.)`;
  }
  if (/^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch)/.test(name)) {
    return `${service} does not take the AWS credentials: ${said}`;
  }
  if (code !== undefined || name === 'TimeoutError') {
    return `${service} is out of reach: ${said || (code ?? name)}`;
  }
  return `${service} answered ${name}: ${said}`;
}
