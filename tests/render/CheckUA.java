import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Checks each file against PDF/UA-1 with veraPDF: a line "file TAB true|false TAB checks", then the failed rules and where. */
public class CheckUA {
  public static void main(String[] files) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    PDFAFlavour flavour = PDFAFlavour.byFlavourId("ua1");
    for (String file : files) {
      try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour);
           PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
        ValidationResult result = validator.validate(parser);
        System.out.println(file + "\t" + result.isCompliant() + "\t" + result.getTotalAssertions());
        for (TestAssertion test : result.getTestAssertions()) {
          if (test.getStatus() == TestAssertion.Status.FAILED) {
            System.out.println("  " + test.getRuleId().getClause() + " " + test.getMessage() + " " + test.getLocation().getContext());
          }
        }
      }
    }
  }
}
