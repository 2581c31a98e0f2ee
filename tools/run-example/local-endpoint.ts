import * as lambda from 'aws-cdk-lib/aws-lambda';
import { MomentoEndpoint } from 'cdk-momento-eventbridge';

/** A Momento on this machine, as an endpoint for constructs. Unlike those of the library, it has no TLS. */
export class LocalEndpoint extends MomentoEndpoint {
  public constructor(private readonly url: string) {
    super();
  }

  public bind(): string {
    return this.url;
  }

  public bindGrpc(): string {
    return this.url;
  }
}

/** Functions run as processes of this machine. */
export const LOCAL_ARCHITECTURE = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
