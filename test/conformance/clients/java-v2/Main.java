import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import software.amazon.awssdk.services.sts.StsClient;

/** One client of AWS SDK for Java v2 with all its defaults: a signed GetCallerIdentity per line. */
final class Main {
  private static final int MOST_SAID = 2000;
  /** A store has to have one. */
  private static final String PASSWORD = "authorities";

  public static void main(String[] args) throws Exception {
    trust(Path.of(args[1]));
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    try (StsClient client = StsClient.builder().endpointOverride(URI.create(args[0])).build()) {
      while (lines.readLine() != null) {
        System.out.println(ask(client));
      }
    }
  }

  /** Java takes authorities from a store only, and no other way leaves the SDK's HTTP client as it is. */
  private static void trust(Path ca) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(ca)) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    Path path = Files.createTempFile(Path.of(""), "authorities", null).toAbsolutePath();
    try (OutputStream file = Files.newOutputStream(path)) {
      store.store(file, PASSWORD.toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", path.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
  }

  private static String ask(StsClient client) {
    try {
      return "{\"arn\":" + quote(client.getCallerIdentity().arn()) + "}";
    } catch (RuntimeException failure) {
      return "{\"error\":" + quote(String.valueOf(failure.getMessage())) + "}";
    }
  }

  private static String quote(String text) {
    String start = text.substring(0, Math.min(text.length(), MOST_SAID));
    return '"' + start.replaceAll("\\p{Cntrl}", " ").replaceAll("([\"\\\\])", "\\\\$1") + '"';
  }
}
