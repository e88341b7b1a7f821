<?xml version="1.0" encoding="UTF-8"?>
<!-- Our own view of a CDA R2 document, in French: who, what, when, then the body. Level 1 bodies are opened apart; narrative
     blocks of level 3 (HL7 CDA R2, 4.3.5) become plain HTML. No attribute of the document is copied: each is named here. What
     comes out goes through the cleaner like any stranger's HTML. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:h="urn:hl7-org:v3"
                exclude-result-prefixes="h">
<xsl:output method="html" encoding="UTF-8" indent="no"/>

<xsl:template match="/"><xsl:apply-templates select="h:ClinicalDocument"/></xsl:template>

<xsl:template match="h:ClinicalDocument">
  <h1 class="cda-title"><xsl:choose>
    <xsl:when test="normalize-space(h:title)"><xsl:value-of select="h:title"/></xsl:when>
    <xsl:otherwise><xsl:value-of select="h:code/@displayName"/></xsl:otherwise>
  </xsl:choose></h1>
  <table class="cda-header">
    <xsl:apply-templates select="h:recordTarget/h:patientRole"/>
    <tr><th>Date</th><td><xsl:call-template name="date">
      <xsl:with-param name="value"><xsl:choose>
        <xsl:when test="h:documentationOf/h:serviceEvent/h:effectiveTime/h:low/@value">
          <xsl:value-of select="h:documentationOf/h:serviceEvent/h:effectiveTime/h:low/@value"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="h:effectiveTime/@value"/></xsl:otherwise>
      </xsl:choose></xsl:with-param></xsl:call-template></td></tr>
    <xsl:for-each select="h:author">
      <tr><th>Auteur</th><td>
        <xsl:call-template name="person"><xsl:with-param name="name" select="h:assignedAuthor/h:assignedPerson/h:name"/></xsl:call-template>
        <xsl:if test="h:assignedAuthor/h:code/@displayName">, <xsl:value-of select="h:assignedAuthor/h:code/@displayName"/></xsl:if>
        <xsl:if test="h:assignedAuthor/h:representedOrganization/h:name">
          <br/><xsl:value-of select="h:assignedAuthor/h:representedOrganization/h:name"/></xsl:if>
      </td></tr>
    </xsl:for-each>
    <xsl:for-each select="h:legalAuthenticator">
      <tr><th>Validé par</th><td>
        <xsl:call-template name="person"><xsl:with-param name="name" select="h:assignedEntity/h:assignedPerson/h:name"/></xsl:call-template>
      </td></tr>
    </xsl:for-each>
    <xsl:for-each select="h:custodian/h:assignedCustodian/h:representedCustodianOrganization">
      <tr><th>Conservé par</th><td><xsl:value-of select="h:name"/></td></tr>
    </xsl:for-each>
    <xsl:for-each select="h:informationRecipient/h:intendedRecipient">
      <tr><th>Destinataire</th><td>
        <xsl:call-template name="person"><xsl:with-param name="name" select="h:informationRecipient/h:name"/></xsl:call-template>
        <xsl:if test="h:receivedOrganization/h:name">, <xsl:value-of select="h:receivedOrganization/h:name"/></xsl:if>
      </td></tr>
    </xsl:for-each>
    <xsl:if test="h:relatedDocument[@typeCode='RPLC']"><tr><th>Version</th><td>annule et remplace une version précédente</td></tr></xsl:if>
  </table>
  <xsl:apply-templates select="h:component/h:structuredBody"/>
  <xsl:if test="h:component/h:nonXMLBody and not(starts-with(h:component/h:nonXMLBody/h:text/@mediaType, 'application/'))">
    <pre class="cda-text"><xsl:value-of select="h:component/h:nonXMLBody/h:text[not(@representation='B64')]"/></pre>
  </xsl:if>
</xsl:template>

<xsl:template match="h:patientRole">
  <xsl:variable name="name" select="h:patient/h:name[1]"/>
  <tr class="cda-patient"><th>Patient</th><td>
    <strong><xsl:value-of select="$name/h:family[contains(@qualifier,'BR')]"/>
    <xsl:if test="not($name/h:family[contains(@qualifier,'BR')])"><xsl:value-of select="$name/h:family[1]"/></xsl:if>
    <xsl:text> </xsl:text>
    <xsl:for-each select="$name/h:given[not(@qualifier)]"><xsl:value-of select="."/><xsl:text> </xsl:text></xsl:for-each>
    <xsl:if test="not($name/h:given[not(@qualifier)])"><xsl:value-of select="$name/h:given[1]"/></xsl:if></strong>
    <xsl:if test="$name/h:family[not(contains(@qualifier,'BR'))] and $name/h:family[contains(@qualifier,'BR')]">
      (nom utilisé : <xsl:value-of select="$name/h:family[not(contains(@qualifier,'BR'))][1]"/>)</xsl:if>
    <br/><xsl:choose>
      <xsl:when test="h:patient/h:administrativeGenderCode/@code='F'">née le </xsl:when>
      <xsl:when test="h:patient/h:administrativeGenderCode/@code='M'">né le </xsl:when>
      <xsl:otherwise>né(e) le </xsl:otherwise>
    </xsl:choose>
    <xsl:call-template name="date"><xsl:with-param name="value" select="h:patient/h:birthTime/@value"/></xsl:call-template>
    <xsl:if test="h:patient/h:birthplace/h:place/h:addr/h:city"> à <xsl:value-of select="h:patient/h:birthplace/h:place/h:addr/h:city"/></xsl:if>
    <xsl:for-each select="h:id[starts-with(@root,'1.2.250.1.213.1.4.')]">
      <br/>INS <xsl:value-of select="@extension"/>
      <xsl:if test="@root='1.2.250.1.213.1.4.10' or @root='1.2.250.1.213.1.4.11'"> (identité de test)</xsl:if>
    </xsl:for-each>
  </td></tr>
</xsl:template>

<xsl:template name="person">
  <xsl:param name="name"/>
  <xsl:value-of select="normalize-space(concat($name/h:prefix,' ',$name/h:given,' ',$name/h:family))"/>
</xsl:template>

<!-- 20261120093000+0100 → 20/11/2026 09:30 -->
<xsl:template name="date">
  <xsl:param name="value"/>
  <xsl:variable name="v" select="normalize-space($value)"/>
  <xsl:if test="string-length($v) &gt;= 8"><xsl:value-of select="concat(substring($v,7,2),'/')"/></xsl:if>
  <xsl:if test="string-length($v) &gt;= 6"><xsl:value-of select="concat(substring($v,5,2),'/')"/></xsl:if>
  <xsl:value-of select="substring($v,1,4)"/>
  <xsl:if test="string-length($v) &gt;= 12 and not(contains('+-',substring($v,9,1)))">
    <xsl:value-of select="concat(' ',substring($v,9,2),':',substring($v,11,2))"/></xsl:if>
</xsl:template>

<xsl:template match="h:structuredBody"><xsl:apply-templates select="h:component/h:section"/></xsl:template>

<xsl:template match="h:section">
  <section>
    <xsl:if test="normalize-space(h:title)"><h2><xsl:value-of select="h:title"/></h2></xsl:if>
    <xsl:apply-templates select="h:text"/>
    <xsl:apply-templates select="h:component/h:section"/>
  </section>
</xsl:template>

<!-- narrative -->
<xsl:template match="h:text"><div class="cda-narrative"><xsl:apply-templates/></div></xsl:template>
<xsl:template match="h:paragraph"><p><xsl:apply-templates/></p></xsl:template>
<xsl:template match="h:caption"><strong><xsl:apply-templates/></strong><br/></xsl:template>
<xsl:template match="h:br"><br/></xsl:template>
<xsl:template match="h:sub"><sub><xsl:apply-templates/></sub></xsl:template>
<xsl:template match="h:sup"><sup><xsl:apply-templates/></sup></xsl:template>
<xsl:template match="h:footnote"><small> [<xsl:apply-templates/>]</small></xsl:template>
<xsl:template match="h:content">
  <xsl:choose>
    <xsl:when test="@revised='delete'"><del><xsl:apply-templates/></del></xsl:when>
    <xsl:when test="contains(@styleCode,'Bold')"><b><xsl:apply-templates/></b></xsl:when>
    <xsl:when test="contains(@styleCode,'Italics')"><i><xsl:apply-templates/></i></xsl:when>
    <xsl:when test="contains(@styleCode,'Underline')"><u><xsl:apply-templates/></u></xsl:when>
    <xsl:otherwise><span><xsl:apply-templates/></span></xsl:otherwise>
  </xsl:choose>
</xsl:template>
<xsl:template match="h:list[@listType='ordered']"><xsl:apply-templates select="h:caption"/><ol><xsl:apply-templates select="h:item"/></ol></xsl:template>
<xsl:template match="h:list"><xsl:apply-templates select="h:caption"/><ul><xsl:apply-templates select="h:item"/></ul></xsl:template>
<xsl:template match="h:item"><li><xsl:apply-templates/></li></xsl:template>
<xsl:template match="h:table"><table class="cda-table"><xsl:apply-templates/></table></xsl:template>
<xsl:template match="h:table/h:caption"><caption><xsl:apply-templates/></caption></xsl:template>
<xsl:template match="h:thead"><thead><xsl:apply-templates/></thead></xsl:template>
<xsl:template match="h:tbody"><tbody><xsl:apply-templates/></tbody></xsl:template>
<xsl:template match="h:tfoot"><tfoot><xsl:apply-templates/></tfoot></xsl:template>
<xsl:template match="h:tr"><tr><xsl:apply-templates/></tr></xsl:template>
<xsl:template match="h:th"><th><xsl:call-template name="spans"/><xsl:apply-templates/></th></xsl:template>
<xsl:template match="h:td"><td><xsl:call-template name="spans"/><xsl:apply-templates/></td></xsl:template>
<xsl:template name="spans">
  <xsl:if test="@colspan"><xsl:attribute name="colspan"><xsl:value-of select="@colspan"/></xsl:attribute></xsl:if>
  <xsl:if test="@rowspan"><xsl:attribute name="rowspan"><xsl:value-of select="@rowspan"/></xsl:attribute></xsl:if>
</xsl:template>
<xsl:template match="h:linkHtml">
  <xsl:choose>
    <xsl:when test="starts-with(@href,'https://')"><a><xsl:attribute name="href"><xsl:value-of select="@href"/></xsl:attribute><xsl:apply-templates/></a></xsl:when>
    <xsl:otherwise><xsl:apply-templates/></xsl:otherwise>
  </xsl:choose>
</xsl:template>
<!-- a picture that the document carries inside -->
<xsl:key name="media" match="h:observationMedia | h:regionOfInterest" use="@ID"/>
<xsl:template match="h:renderMultiMedia">
  <xsl:for-each select="key('media', @referencedObject)//h:value[@representation='B64' and starts-with(@mediaType,'image/')]">
    <img alt="image du document"><xsl:attribute name="src"><xsl:value-of select="concat('data:',@mediaType,';base64,',translate(.,' &#9;&#10;&#13;',''))"/></xsl:attribute></img>
  </xsl:for-each>
  <xsl:apply-templates select="h:caption"/>
</xsl:template>
<xsl:template match="h:col | h:colgroup"/>
</xsl:stylesheet>
