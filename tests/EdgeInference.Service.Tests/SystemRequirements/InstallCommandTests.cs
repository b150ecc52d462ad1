using EdgeInference.Service.SystemRequirements;

namespace EdgeInference.Service.Tests.SystemRequirements;

public sealed class InstallCommandTests
{
    private const string Debian = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n";
    private const string Mint = "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
    private const string Rocky = "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n";
    private const string ClearLinux = "NAME=\"Clear Linux OS\"\nID=clear-linux-os\nID_LIKE=clear-linux-os\n";
    private const string Other = "ID=other\nPRETTY_NAME=\"debian it is not\"\n";

    [Theory]
    [InlineData(Debian, "ffmpeg", "apt-get install ffmpeg")]
    [InlineData(Mint, "openssl", "apt-get install openssl")]
    [InlineData(Rocky, "ffmpeg", "dnf install /usr/bin/ffmpeg")]
    [InlineData(Rocky, "openssl", "dnf install openssl")]
    [InlineData(ClearLinux, "openssl", "swupd bundle-add openssl")]
    [InlineData(Other, "ffmpeg", "the package ffmpeg, or one of a name like it")]
    [InlineData("", "ffmpeg", "the package ffmpeg, or one of a name like it")]
    public void For_Distribution_IsItsCommand(string osRelease, string package, string expected) =>
        Assert.Equal(expected, InstallCommand.For(osRelease, package));
}
