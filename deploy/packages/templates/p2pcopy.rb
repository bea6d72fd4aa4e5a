class P2pcopy < Formula
  desc "Copies files and folders end-to-end encrypted through a relay"
  homepage "@URI@"
  version "@VERSION@"
  license "MIT"

  on_macos do
    on_arm do@IF:osx-arm64@
      url "@URI@/releases/download/v@VERSION@/p2pcopy-@VERSION@-osx-arm64"@IF:osx-arm64@
      sha256 "@HASH:osx-arm64@"
    end@IF:osx-arm64@
    on_intel do@IF:osx-x64@
      url "@URI@/releases/download/v@VERSION@/p2pcopy-@VERSION@-osx-x64"@IF:osx-x64@
      sha256 "@HASH:osx-x64@"
    end@IF:osx-x64@
  end

  on_linux do
    on_arm do@IF:linux-arm64@
      url "@URI@/releases/download/v@VERSION@/p2pcopy-@VERSION@-linux-arm64"@IF:linux-arm64@
      sha256 "@HASH:linux-arm64@"
    end@IF:linux-arm64@
    on_intel do@IF:linux-x64@
      url "@URI@/releases/download/v@VERSION@/p2pcopy-@VERSION@-linux-x64"@IF:linux-x64@
      sha256 "@HASH:linux-x64@"
    end@IF:linux-x64@
  end

  def install
    bin.install Dir["p2pcopy-*"].first => "p2pcopy"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/p2pcopy --version")
    system bin/"p2pcopy", "demo"
  end
end
